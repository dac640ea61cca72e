"""The words that demo data is made of, Arabic beside Latin, as the real rows have them."""

GIVEN_NAMES = [
    "أحمد",
    "محمد",
    "محمود",
    "مصطفى",
    "خالد",
    "عمر",
    "يوسف",
    "كريم",
    "هاني",
    "سارة",
    "مريم",
    "فاطمة",
    "نورهان",
    "ياسمين",
]
FAMILY_NAMES = [
    "الخواجة",
    "عبدالله",
    "السيد",
    "حسن",
    "إبراهيم",
    "منصور",
    "فؤاد",
    "الشناوي",
    "البدري",
    "زكي",
    "سليمان",
]
LATIN_CUSTOMERS = [
    "Nile Hotels",
    "Café Riche",
    "O'Brien & Sons",
    "Hôtel Cecil",
    "Smith Interiors",
]
STREETS = [
    "شارع النصر",
    "شارع التحرير",
    "كورنيش النيل",
    "شارع عباس العقاد",
    "26 July Street",
]
COMPLAINT_TEXTS = [
    "تأخر التسليم عن الموعد",
    "المقاس غير مضبوط",
    "اللون مختلف عن العينة",
    'الستارة "الرول" لا تعمل',
]
FABRICS = ["شيفون", "كتان", "قطيفة", "بلاك آوت", "ستان", "دانتيل", "Jacquard", "Voile"]
COLORS = ["أبيض", "بيج", "رمادي", "كحلي", "زيتي", "ذهبي", "Ivory", "Bordeaux"]
SERVICES = ["تفصيل", "تركيب", "معاينة", "قماش من العميل"]
CUTTERS = ["حسن", "رمضان", "Samir"]
WAREHOUSES = {
    "MAIN": "المخزن الرئيسي",
    "2000": "مخزن 2000",
    "ADW": "مخزن الادويه",
    "SHOW": "Showroom",
}
