"""Domains that give an address of mail to anybody for some minutes: known ones, each of which says so itself.

A list can't be complete and need not be: what it finds is told to the person who types, and nobody is refused.
"""

_LISTED = """
0-mail.com 10minutemail.com 10minutemail.net 20minutemail.com 33mail.com anonbox.net burnermail.io byom.de
discard.email discardmail.com discardmail.de dispostable.com dropmail.me emailondeck.com emailtemporanea.net
existiert.net fakeinbox.com fakemail.net getairmail.com getnada.com guerrillamail.biz guerrillamail.com
guerrillamail.de guerrillamail.info guerrillamail.net guerrillamail.org guerrillamailblock.com inboxkitten.com
jetable.org kurzepost.de mail-temporaire.fr mail.tm mailcatch.com maildrop.cc mailexpire.com mailinator.com
mailinator.net mailnesia.com mailnull.com mailpoof.com mailsac.com minutemail.ch mintemail.com moakt.com
mohmal.com muellmail.com mytemp.email nada.email owlymail.com objectmail.com proxymail.eu sharklasers.com
sofort-mail.de spam4.me spambog.com spambog.de spamgourmet.com temp-mail.io temp-mail.org tempail.com
tempmail.dev tempmailo.com temporarymail.com throwawaymail.com trash-mail.com trash-mail.de trashmail.com
trashmail.de trashmail.net trashmail.ws wegwerfemail.de wegwerfmail.de wegwerfmail.net yopmail.com yopmail.fr
yopmail.net
"""

THROWAWAY = frozenset(_LISTED.split())
