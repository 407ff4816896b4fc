# Search everywhere.
search-label = Search records, people and addresses
search-placeholder = Search ( / )
search-user = User
search-person = Person
search-nothing = Nothing is called “{ $text }”
