"""The page in every engine that people have: Chromium, Firefox, WebKitGTK and WPE WebKit."""
