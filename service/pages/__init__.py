"""What people see in a browser: templates, style sheets and server-made figures."""
