"""The four functions under test (protocol 3.1): one HTTP service, deployed to every region."""
