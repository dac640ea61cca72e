# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: E501 - a sentence and its translation stand each on one line
"""Sentences of the toolkit in Arabic, by their English templates. Read by ``translation.py`` alone.

Names in braces stand for what the code puts there; the Arabic has the same. Statements, options and names of
PostgreSQL stay as they are. A test compares the English with the code.
"""

from __future__ import annotations

from .arabic_alert_texts import ALERT_TEXTS
from .arabic_incident_texts import INCIDENT_TEXTS

# fmt: off
CONNECTION = {
    "cannot connect":
        "تعذّر الاتصال",
    "no database is named":
        "لم يُذكر اسم قاعدة البيانات",
    "Name it in login_db":
        "اذكره في login_db",
    "cannot connect to {where}":
        "تعذّر الاتصال: {where}",
    'database "{dbname}" {place}':
        'قاعدة البيانات "{dbname}" {place}',
    'database "{dbname}" {place} as user "{user}"':
        'قاعدة البيانات "{dbname}" {place} باسم المستخدم "{user}"',
    "over the socket":
        "عبر المقبس المحلي",
    "over the socket in {folder} (port {port})":
        "عبر المقبس المحلي في {folder} (المنفذ {port})",
    "on {host} port {port}":
        "على {host} المنفذ {port}",
    "Over the socket the operating system's user must be the database's: run as it (become_user: postgres, or sudo -u postgres), or give login_host and login_password":
        "عبر المقبس المحلي يجب أن يكون مستخدم نظام التشغيل هو نفسه مستخدم القاعدة: نفِّذ الأمر باسمه (become_user: postgres أو sudo -u postgres)، أو حدِّد login_host و login_password",
    "Correct login_user or login_password":
        "صحِّح login_user أو login_password",
    "Give login_password, or an entry in the PGPASSFILE of the user who runs this":
        "حدِّد login_password، أو أضف سطرًا إلى الملف PGPASSFILE للمستخدم الذي ينفِّذ الأمر",
    "Run as the operating system's user of that name, or give login_password":
        "نفِّذ الأمر بمستخدم نظام التشغيل الذي يحمل هذا الاسم، أو حدِّد login_password",
    "Allow it in pg_hba.conf on the server (SHOW hba_file names the file), then: SELECT pg_reload_conf()":
        "اسمح بالاتصال في pg_hba.conf على الخادم (يدلّك SHOW hba_file على الملف)، ثم نفِّذ: SELECT pg_reload_conf()",
    "Grant it as the database's owner: GRANT CONNECT ON DATABASE \"{dbname}\" TO \"{user}\"":
        'امنح الصلاحية بصفتك مالك القاعدة: GRANT CONNECT ON DATABASE "{dbname}" TO "{user}"',
    'Make the user a member of the role, as a superuser: GRANT "{role}" TO "{user}"':
        'اجعل المستخدم عضوًا في هذا الدور (role) بصفتك مستخدمًا خارقًا (superuser): GRANT "{role}" TO "{user}"',
    "pgBouncer does not hand the role on: set login_port to that of PostgreSQL itself, or leave repair_role empty":
        "لا يمرِّر pgBouncer الدور (role): اجعل login_port منفذ PostgreSQL نفسه، أو اترك repair_role فارغًا",
    "Correct repair_role: it names the role that owns the sequences":
        "صحِّح repair_role: فيه اسم الدور (role) الذي يملك التسلسلات",
    'Correct login_db (psql --list shows what exists), or create it: createdb "{dbname}"':
        'صحِّح login_db (يعرض psql --list القواعد الموجودة)، أو أنشئ القاعدة: createdb "{dbname}"',
    'Correct login_user, or create it: createuser "{user}"':
        'صحِّح login_user، أو أنشئ المستخدم: createuser "{user}"',
    "Close connections, or raise max_connections: SELECT usename, count(*) FROM pg_stat_activity GROUP BY 1":
        "أغلق بعض الاتصالات، أو ارفع max_connections: SELECT usename, count(*) FROM pg_stat_activity GROUP BY 1",
    "Wait until the server accepts connections (pg_isready says so), then run this again":
        "انتظر حتى يقبل الخادم الاتصالات (يخبرك بذلك pg_isready)، ثم أعد التنفيذ",
    "Give the authority's certificate in ca_cert, and the host's name as it is signed":
        "حدِّد شهادة الجهة المُصدِرة في ca_cert، واكتب اسم المضيف كما ورد في شهادته",
    "Name an existing file in ca_cert, or set ssl_mode to require":
        "اذكر ملفًا موجودًا في ca_cert، أو اجعل ssl_mode مساويًا require",
    "Switch SSL on at the server, or set ssl_mode to prefer":
        "فعِّل SSL على الخادم، أو اجعل ssl_mode مساويًا prefer",
    "Correct login_host, or make the name known (getent hosts NAME must answer)":
        "صحِّح login_host، أو عرِّف الاسم على هذا الجهاز (يجب أن يجيب getent hosts NAME)",
    "Check that the host is up and that no firewall drops port {port}, then run this again":
        "تأكد من أن المضيف يعمل وأن جدار الحماية لا يحجب المنفذ {port}، ثم أعد التنفيذ",
    "Start the server (systemctl start postgresql), or name the folder of its socket in login_unix_socket and its port in login_port":
        "شغِّل الخادم (systemctl start postgresql)، أو اذكر مجلد مقبسه في login_unix_socket ومنفذه في login_port",
    "Start what listens on port {port} (systemctl status postgresql, or pgbouncer), or correct login_port":
        "شغِّل الخدمة التي تستمع على المنفذ {port} (systemctl status postgresql أو pgbouncer)، أو صحِّح login_port",
    "Read the server's log for the reason, then run this again":
        "ابحث عن السبب في سجل الخادم، ثم أعد التنفيذ",
    "Correct connect_params":
        "صحِّح connect_params",
    "Correct what the cause names, then run this again":
        "صحِّح ما يذكره السبب، ثم أعد التنفيذ",
    "cannot talk to PostgreSQL":
        "تعذّر التخاطب مع PostgreSQL",
    "the Python library psycopg2 cannot be imported by {python} ({why})":
        "لا يستطيع {python} استيراد مكتبة بايثون psycopg2 ({why})",
    "Install it there: apt-get install python3-psycopg2, or pip install psycopg2-binary":
        "ثبِّتها هناك: apt-get install python3-psycopg2، أو pip install psycopg2-binary",
}

STATEMENTS = {
    "Grant the privilege that the cause names to the user who runs this, or run as the owner or a superuser":
        "امنح الصلاحية التي يذكرها السبب للمستخدم الذي ينفِّذ الأمر، أو نفِّذه بصفتك المالك أو مستخدمًا خارقًا (superuser)",
    "The server is a standby or read only: run this against the primary":
        "الخادم احتياطي (standby) أو للقراءة فقط: نفِّذ الأمر على الخادم الأساسي",
    "Run this again when the server is less busy, or raise statement_timeout":
        "أعد التنفيذ حين يخفّ الحمل على الخادم، أو ارفع statement_timeout",
    "Run this again when the lock is free, or raise lock_timeout (below the server's deadlock_timeout)":
        "أعد التنفيذ بعد تحرّر القفل، أو ارفع lock_timeout (مع بقائه دون deadlock_timeout في الخادم)",
    "Run this again: the server broke a deadlock by ending this statement":
        "أعد التنفيذ: أنهى الخادم هذه العملية ليفكّ تعارضًا في الأقفال (deadlock)",
    "The server lacks a resource (memory, disk, locks): its log names which; free it, then run this again":
        "ينقص الخادمَ مورد (ذاكرة أو قرص أو أقفال) يذكره سجلّه: وفِّره، ثم أعد التنفيذ",
    "The server could not read or write a file: look at its log and its disk before anything else":
        "تعذّر على الخادم قراءة ملف أو كتابته: افحص سجلّه وقرصه قبل أي شيء آخر",
    "The server found damaged data: stop writing, take a copy of the data folder, then look at its log":
        "وجد الخادم بيانات تالفة: أوقف الكتابة، وانسخ مجلد البيانات، ثم افحص سجلّه",
    "The connection was lost: read the server's log for the reason, then run this again":
        "انقطع الاتصال: ابحث عن السبب في سجل الخادم، ثم أعد التنفيذ",
    "The server ended the connection: read its log for the reason, then run this again":
        "أنهى الخادم الاتصال: ابحث عن السبب في سجلّه، ثم أعد التنفيذ",
    "Look up SQLSTATE {code} in PostgreSQL's manual, appendix A":
        "ابحث عن SQLSTATE {code} في دليل PostgreSQL، الملحق A",
    "cannot check the sequences":
        "تعذّر فحص التسلسلات",
    "cannot repair the sequences":
        "تعذّر إصلاح التسلسلات",
}

FINDINGS = {
    "The next value is {value} while {edge} is in use: inserts fail with duplicate keys now or soon":
        "الرقم التالي {value} بينما الرقم {edge} مستخدم: ستفشل الإضافة بخطأ تكرار المفتاح الآن أو قريبًا",
    "{collides}. Run postgresql_sequence_sync":
        "{collides}. نفِّذ postgresql_sequence_sync",
    "{share} of the values up to {limit} are used up: widen the column and the sequence to bigint in the next maintenance window":
        "استُهلك {share} من الأرقام حتى {limit}: وسِّع العمود والتسلسل إلى bigint في نافذة الصيانة القادمة",
    "{unused} values between the highest ID in use ({edge}) and the next one ({value}) were never used or were deleted: normal after rollbacks and deletes, and safe to leave as it is":
        "بين أعلى رقم مستخدم ({edge}) والرقم التالي ({value}) عددٌ من الأرقام ({unused}) لم يُستخدم أو حُذفت صفوفه: هذا طبيعي بعد التراجع عن العمليات وبعد الحذف، ويمكن تركه كما هو بأمان",
    "Repairing it would leave hardly any values up to {limit}, although the IDs near the edge {edge} look genuine: widen the column and the sequence to bigint, or repair it with force: true":
        "لن يُبقي إصلاحه إلا القليل من الأرقام حتى {limit}، مع أن الأرقام القريبة من {edge} تبدو حقيقية: وسِّع العمود والتسلسل إلى bigint، أو أصلحه مع force: true",
    "Far beyond the other IDs lies {rows}: repairing it would use up the sequence for good. Correct or delete these rows and run this again; if they are genuine, repair it with force: true":
        "بعيدًا جدًا عن سائر الأرقام يقع {rows}: إصلاح التسلسل سيستهلكه نهائيًا. صحِّح هذه الصفوف أو احذفها ثم أعد التنفيذ؛ فإن كانت حقيقية فأصلحه مع force: true",
    "Rows lie outside the sequence's bounds {lowest} to {highest} and were not counted ({rows}): the sequence can never give these values":
        "توجد صفوف خارج حدود التسلسل من {lowest} إلى {highest} ولم تُحتسب ({rows}): لا يمكن للتسلسل أن يعطي هذه الأرقام",
    "The sequence is {type} and its column is {types}, so the limit is the narrower of them, {limit}: make them the same with ALTER SEQUENCE {sequence} AS, or by widening the column":
        "نوع التسلسل {type} ونوع عموده {types}، فالحدّ هو الأضيق منهما {limit}: وحِّد النوعين بالأمر ALTER SEQUENCE {sequence} AS أو بتوسيع العمود",
    "{relation}.{column} has no usable index, so each check reads the whole table: CREATE INDEX CONCURRENTLY ON {table} ({key})":
        "لا فهرس صالحًا للعمود {relation}.{column}، فكل فحص يقرأ الجدول كله: CREATE INDEX CONCURRENTLY ON {table} ({key})",
    "The default of {relation}.{column} names its sequence by text, so renaming or dropping it is not noticed: ALTER TABLE {table} ALTER {name} SET DEFAULT nextval('{sequence}'::regclass)":
        "القيمة الافتراضية للعمود {relation}.{column} تذكر تسلسلها نصًّا، فلا يُنتبه إلى تغيير اسمه أو حذفه: ALTER TABLE {table} ALTER {name} SET DEFAULT nextval('{sequence}'::regclass)",
    "{relation}.{column} draws from it too, but holds no plain integers, and was not counted":
        "العمود {relation}.{column} يأخذ منه أيضًا، لكنه لا يحوي أعدادًا صحيحة خالصة، فلم يُحتسب",
    "A temporary sequence ends with its session":
        "التسلسل المؤقت ينتهي بانتهاء جلسته",
    'It belongs to the extension "{extension}", whose scripts look after it':
        'يتبع الإضافة "{extension}" وهي التي تتولاه',
    "It starts again from its first value by design (CYCLE), so no value is too low for it":
        "صُمّم ليعود إلى أول أرقامه (CYCLE)، فلا رقم أدنى مما ينبغي له",
    "The columns that draw from it hold no plain integers, so their values cannot be compared with it":
        "الأعمدة التي تأخذ منه لا تحوي أعدادًا صحيحة خالصة، فلا يمكن مقارنتها به",
    "No column's default draws from it":
        "لا عمود يأخذ قيمته الافتراضية منه",
    "It is owned by {columns}, but no column's default draws from it":
        "يملكه {columns}، لكن لا عمود يأخذ قيمته الافتراضية منه",
    "{default}, and several sequences have that name: which one it means depends on the search_path of whoever inserts. Name the schema: nextval('schema.name'::regclass)":
        "{default}، وهذا الاسم لعدة تسلسلات: أيّها المقصود أمر يتوقف على search_path لمن يضيف الصفوف. اذكر المخطط: nextval('schema.name'::regclass)",
    'the default of "{schema}"."{relation}"."{column}" is {expression}':
        'القيمة الافتراضية للعمود "{schema}"."{relation}"."{column}" هي {expression}',
    "{default}: which sequence it draws from is computed at run time and was not checked. Name the sequence as a constant: nextval('schema.name'::regclass)":
        "{default}: يُحسب اسم تسلسلها وقت التنفيذ فلم يُفحص. اذكر التسلسل ثابتًا: nextval('schema.name'::regclass)",
    "{default}, and there is no such sequence: inserts into it fail. Create the sequence, or correct the default":
        "{default}، ولا وجود لهذا التسلسل: ستفشل الإضافة. أنشئ التسلسل أو صحِّح القيمة الافتراضية",
    "{table} {why}, whose rows on the other server were not read: compare its highest {column} with the next value by hand":
        "{table} {why}، ولم تُقرأ صفوفه على الخادم الآخر: قارن أعلى {column} فيه بالرقم التالي يدويًا",
    "is a foreign table":
        "جدول خارجي (foreign table)",
    "has foreign partitions or children":
        "له أقسام أو فروع خارجية (foreign)",
    "Run as the owner or a superuser: GRANT {grant} TO {user};":
        "نفِّذ بصفتك المالك أو مستخدمًا خارقًا (superuser): GRANT {grant} TO {user};",
    "Row-level security hides rows of {table} from {user}: check as the table's owner or a superuser, or run as a superuser: ALTER ROLE {role} BYPASSRLS;":
        "سياسات أمان الصفوف تُخفي صفوفًا من {table} عن {user}: افحص بصفتك مالك الجدول أو مستخدمًا خارقًا (superuser)، أو نفِّذ بصفتك مستخدمًا خارقًا: ALTER ROLE {role} BYPASSRLS;",
    "Another session holds a lock on {relation}: run this again when it is done (pg_locks names its pid, where relation = '{name}'::regclass)":
        "جلسة أخرى تحتجز قفلًا على {relation}: أعد التنفيذ بعد انتهائها (يعطيك pg_locks رقم عمليتها، حيث relation = '{name}'::regclass)",
    "Reading {relation} took longer than statement_timeout: {remedy}":
        "استغرقت قراءة {relation} أكثر من statement_timeout: {remedy}",
    "raise statement_timeout":
        "ارفع statement_timeout",
    "create an index: CREATE INDEX CONCURRENTLY ON {table} ({key}), or raise it":
        "أنشئ فهرسًا: CREATE INDEX CONCURRENTLY ON {table} ({key})، أو ارفع المهلة",
    "{relation} was dropped or renamed during the check: run this again":
        "حُذف {relation} أو تغيّر اسمه أثناء الفحص: أعد التنفيذ",
    "Reading {relation} failed with SQLSTATE {code}: {message}":
        "فشلت قراءة {relation} بالخطأ SQLSTATE {code}: {message}",
    "{rows} and {count} more":
        "{rows} وغيرها ({count})",
}

REPAIRS = {
    "cannot repair the sequence {sequence}":
        "تعذّر إصلاح التسلسل {sequence}",
    "cannot repair the sequence {sequence} (and {count} more, see not_repaired)":
        "تعذّر إصلاح التسلسل {sequence} (ومعه {count}، انظر not_repaired)",
    "It is not reset. {advice}":
        "لا يُعاد ضبطه. {advice}",
    "No value is known to be free. {advice}":
        "لا يُعرف رقم غير مستخدم. {advice}",
    "{value} would collide, because {edge} is in use: the first free value is {free}":
        "الرقم {value} سيتكرر، لأن {edge} مستخدم: أول رقم غير مستخدم هو {free}",
    "{value} lies outside of what the sequence and its columns can hold ({lowest} to {highest})":
        "الرقم {value} خارج ما يتسع له التسلسل وأعمدته (من {lowest} إلى {highest})",
    "{value} is not among the values START {start} INCREMENT {increment} gives: take one such as {other}":
        "الرقم {value} ليس مما يعطيه START {start} INCREMENT {increment}: اختر رقمًا مثل {other}",
    "{value} leaves hardly any values up to {limit}: repeat it with force: true to mean it":
        "الرقم {value} لا يُبقي إلا القليل من الأرقام حتى {limit}: أعد الأمر مع force: true إن كنت تقصد ذلك",
    "This server is a standby and can only be read: run this on the primary":
        "هذا الخادم احتياطي (standby) للقراءة فقط: نفِّذ الأمر على الخادم الأساسي",
    "Lowering a sequence is safe only under its owner's locks: run as a superuser or as the owner, or run: GRANT {grant} TO {user};":
        "لا يُخفض التسلسل بأمان إلا تحت أقفال مالكه: نفِّذ بصفتك مستخدمًا خارقًا (superuser) أو المالك، أو نفِّذ: GRANT {grant} TO {user};",
    "The tables of {sequence} have more partitions than one transaction can lock, so it cannot be lowered safely: raise max_locks_per_transaction and restart the server, or leave the gap as it is":
        "لجداول {sequence} أقسام أكثر مما تستطيع معاملة واحدة أن تقفله، فلا يمكن خفضه بأمان: ارفع max_locks_per_transaction وأعد تشغيل الخادم، أو اترك الفجوة كما هي",
    "Other sessions held locks on {sequence} or its tables through {count} attempts: run this again when they are done (pg_stat_activity names long transactions by xact_start)":
        "احتجزت جلسات أخرى أقفالًا على {sequence} أو جداوله طوال {count} من المحاولات: أعد التنفيذ بعد انتهائها (يعرض pg_stat_activity المعاملات الطويلة بحسب xact_start)",
    "The connection was lost ({cause}). {remedy}":
        "انقطع الاتصال ({cause}). {remedy}",
    "Read the server's log for the reason, then run this again: what was repaired stays repaired":
        "ابحث عن السبب في سجل الخادم ثم أعد التنفيذ: ما أُصلح باقٍ على إصلاحه",
    "Repairing {sequence} took too long: {remedy}":
        "طال إصلاح {sequence} أكثر مما يجب: {remedy}",
    "raise statement_timeout, or run this when less is going on":
        "ارفع statement_timeout، أو نفِّذ الأمر حين يخفّ العمل",
    "Repairing {sequence} failed with SQLSTATE {code}: {cause}":
        "فشل إصلاح {sequence} بالخطأ SQLSTATE {code}: {cause}",
    "lock_timeout {given} ms is not below the server's deadlock_timeout ({server} ms), so repairs waited for half of that instead":
        "lock_timeout وقيمته {given} مللي ثانية ليس دون deadlock_timeout في الخادم ({server} مللي ثانية)، فانتظر الإصلاح نصف ذلك بدلًا منه",
}

OPTIONS = {
    'the filter {option} names "{name}"':
        'المرشِّح {option} يذكر "{name}"',
    "no sequence belongs to it; {known}":
        "لا تسلسل يتبعه؛ {known}",
    "there are none in this database":
        "لا شيء من ذلك في هذه القاعدة",
    "there are: {names}":
        "الموجود: {names}",
    "Did you mean {names}? Correct {option}":
        "هل تقصد {names}؟ صحِّح {option}",
    "Correct {option}":
        "صحِّح {option}",
    "cannot tell which sequences are meant":
        "لا يُعرف أي التسلسلات هو المقصود",
    "each filter matches something, but no sequence matches all of them together":
        "كل مرشِّح يوافق شيئًا، لكن لا تسلسل يوافقها جميعًا",
    "Give fewer filters (schemas, tables, apps, sequences, exclude)":
        "اذكر مرشِّحات أقل (schemas, tables, apps, sequences, exclude)",
    "cannot reset":
        "لا يمكن إعادة الضبط",
    "no table or sequence is named, and a reset can lower a sequence":
        "لم يُذكر جدول ولا تسلسل، وإعادة الضبط قد تخفض التسلسل",
    "Name what is meant in tables or sequences":
        "اذكر المقصود في tables أو sequences",
    "will not reset {names}":
        "لن يُعاد ضبط {names}",
    "a reset can lower a sequence, so that numbers which an application still holds are given twice":
        "إعادة الضبط قد تخفض التسلسل، فتُعطى مرتين أرقامٌ ما زال تطبيق يحتفظ بها",
    "Look at it in check mode, then repeat it with confirm: true":
        "انظر إليه في وضع الفحص أولًا، ثم أعد الأمر مع confirm: true",
    "cannot reset to one value":
        "لا يمكن الضبط على رقم واحد",
    "{count} sequences are named ({names})":
        "ذُكرت عدة تسلسلات ({count}: {names})",
    "Name one sequence":
        "اذكر تسلسلًا واحدًا",
    "cannot use the thresholds":
        "لا يمكن استخدام الحدود",
    "limit_warning is {warning} and limit_critical is {critical}":
        "قيمة limit_warning هي {warning} وقيمة limit_critical هي {critical}",
    "Give shares from 0 to 1, limit_warning not above limit_critical":
        "أعطِ نسبًا من 0 إلى 1، ولا يزد limit_warning على limit_critical",
    "gap_threshold is {value}":
        "قيمة gap_threshold هي {value}",
    "Give 0 or more":
        "أعطِ 0 أو أكثر",
    "cannot use the timeouts":
        "لا يمكن استخدام المهل",
    "{names} is negative":
        "قيمة {names} سالبة",
}

COMMANDS = {
    'cannot read the settings in "{path}"':
        'تعذّرت قراءة الإعدادات من "{path}"',
    "Run it as postgres or root (sudo -u postgres {command} ...), or write them: {how}":
        "نفِّذ الأمر باسم postgres أو root (sudo -u postgres {command} ...)، أو اكتب الإعدادات: {how}",
    'cannot use the settings in "{path}"':
        'لا يمكن استخدام الإعدادات في "{path}"',
    "it is no text in UTF-8":
        "ليس نصًّا بترميز UTF-8",
    "Write them anew: {how}":
        "اكتبها من جديد: {how}",
    "cannot understand the arguments":
        "لم تُفهم معطيات الأمر",
    "it names {names}, which this version does not know":
        "فيها {names}، وهو غير معروف في هذا الإصدار",
    "{name} is {value}, and must be of type {kind}":
        "قيمة {name} هي {value}، ويجب أن تكون من النوع {kind}",
    "Look at: {command} --help":
        "انظر: {command} --help",
    "cannot use --force":
        "لا يُستخدم --force هنا",
    "no table or app is named, and it lowers sequences and follows outlying IDs, which uses them up for good":
        "لم يُذكر جدول ولا تطبيق، وهذا الخيار يخفض التسلسلات ويتبع الأرقام الشاذة فيستهلكها نهائيًا",
    "Name what is meant, and look first: {command}":
        "اذكر المقصود، وانظر أولًا: {command}",
    "nothing was written":
        "لم يُكتب شيء",
    "another {command} is writing":
        "هناك {command} آخر يكتب الآن",
    "Wait until it is done, then run this again":
        "انتظر حتى ينتهي، ثم أعد التنفيذ",
    "the lock of {folder} cannot be had ({reason})":
        "تعذّر الحصول على قفل {folder} ({reason})",
    "Run it as a user who may read that folder":
        "نفِّذ الأمر باسم مستخدم يستطيع قراءة هذا المجلد",
    'cannot write "{path}"':
        'تعذّرت كتابة "{path}"',
    "Name a file in a folder that this user may write to and whose disk has room":
        "اذكر ملفًا في مجلد يستطيع هذا المستخدم الكتابة فيه وفي قرصه متسع",
    "cannot show the result":
        "تعذّر عرض النتيجة",
    "Send it where there is room; everything else went on":
        "وجِّهها إلى مكان فيه متسع؛ واستمر كل شيء سوى ذلك",
    "the operation was not logged":
        "لم تُسجَّل العملية",
    "Correct the folder's owner or its disk; everything else went on":
        "صحِّح مالك المجلد أو وضع القرص؛ وما عدا ذلك تمّ",
    "stopped":
        "توقف التنفيذ",
    "by {signal}":
        "بالإشارة {signal}",
    "Nothing was repaired; run it again":
        "لم يُصلَح شيء؛ أعد التنفيذ",
    "What was repaired stays repaired ({count}); run it again for the rest":
        "ما أُصلح باقٍ على إصلاحه ({count})؛ أعد التنفيذ للباقي",
}

REPORTS = {
    "cannot make the report":
        "تعذّر إعداد التقرير",
    "Jinja2 is not installed for the Python that runs this":
        "Jinja2 غير مثبَّت لبايثون الذي يشغِّل هذا الأمر",
    "Install it (apt-get install python3-jinja2), or take --format markdown or --format json":
        "ثبِّته (apt-get install python3-jinja2)، أو استخدم --format markdown أو --format json",
    "cannot write the report":
        "لا مكان لكتابة التقرير",
    "no file is named, and the settings have no state_directory":
        "لم يُذكر ملف، وليس في الإعدادات state_directory",
    "Name one with --output FILE, or - for the terminal":
        "اذكره بالخيار --output FILE، أو - لعرضه في الطرفية",
    "the report was not written":
        "لم يُكتب التقرير",
    'cannot read the history in "{folder}"':
        'تعذّرت قراءة سجل الفحوص في "{folder}"',
    "cannot use --json with --output {place}":
        "لا يُستخدم --json مع --output {place}",
    "the result and the report would stand in one text":
        "لأن النتيجة والتقرير سيختلطان في نص واحد",
    "Leave --json out: --format json is the report as JSON":
        "احذف --json: الخيار --format json يعطي التقرير بصيغة JSON",
}

TEXTS: dict[str, str] = {
    **CONNECTION, **STATEMENTS, **FINDINGS, **REPAIRS, **OPTIONS, **COMMANDS, **REPORTS, **ALERT_TEXTS,
    **INCIDENT_TEXTS,
}
# fmt: on
