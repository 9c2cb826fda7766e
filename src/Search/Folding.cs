using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Agora.Search;

/// <summary>
/// Makes spellings of the same text equal: case, compatibility forms (NFKC: full and half width, circled numbers, units, ligatures), detached voicing marks, Latin accents, apostrophes, small kana, long signs, and
/// variants of a kanji. Hiragana and katakana stay apart here, because a query's grammar is in hiragana; <see cref="Sound"/> makes them equal. It uses a table, because string.Normalize returns everything but ASCII unchanged where
/// globalization is invariant, as it is here.
/// </summary>
internal static class Folding
{
    // U+00E0 to U+00FF in order; letters without a plain equivalent stand for themselves.
    private const string PlainLatin = "aaaaaaæceeeeiiiiðnooooo÷ouuuuyþy";

    private const string Voiceable = "かきくけこさしすせそたちつてとはひふへほカキクケコサシスセソタチツテトハヒフヘホ";
    private const string HalfVoiceable = "はひふへほハヒフヘホ";

    private const string SmallKana = "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ";
    private const string LargeKana = "あいうえおつやゆよわかけアイウエオツヤユヨワカケ";

    // U+31F0 to U+31FF in order.
    private const string PhoneticKana = "クシストヌハヒフヘホムラリルレロ";

    /// <summary>Small vowels that form a sound with ゔ or ヴ before them. It is written with ば or バ just as often.</summary>
    private const string SmallVowels = "ぁぃぅぇぉァィゥェォ";

    private const string VoicedVowels = "ばびぶべぼバビブベボ";

    /// <summary>The long sign, and what is typed instead of it after a kana: hyphens, dashes, a minus sign.</summary>
    private const string LongSigns = "ー-‐‑‒–—―−";

    /// <summary>A common kanji, then its older and other forms: each is read as the first.</summary>
    private static readonly string[] Variants =
    [
        "亜亞", "悪惡", "圧壓", "囲圍", "医醫", "壱壹", "栄榮", "営營", "衛衞", "駅驛", "円圓", "塩鹽", "縁緣", "艶艷", "応應", "欧歐", "殴毆", "桜櫻", "奥奧", "横橫", "温溫", "穏穩", "仮假", "価價", "画畫畵", "会會", "壊壞", "懐懷", "絵繪",
        "拡擴", "殻殼", "覚覺", "学學斈", "岳嶽", "楽樂", "勧勸", "巻卷", "寛寬", "歓歡", "缶罐", "観觀", "関關", "陥陷", "顔顏", "気氣", "帰歸", "偽僞", "戯戲", "犠犧", "旧舊", "拠據", "挙擧", "虚虛", "峡峽", "挟挾", "狭狹", "郷鄕", "暁曉",
        "区區", "駆驅駈", "勲勳", "薫薰", "群羣", "径徑", "恵惠", "渓溪谿", "経經", "継繼", "茎莖", "蛍螢", "軽輕", "鶏鷄雞", "芸藝", "撃擊", "欠缺", "倹儉", "剣劍劔劒", "圏圈", "検檢", "権權", "献獻", "県縣", "研硏", "険險", "顕顯", "験驗", "厳嚴",
        "戸戶", "呉吳", "広廣", "恒恆", "鉱鑛礦", "号號", "国國圀", "黒黑", "済濟", "砕碎", "斎齋齊斉齎", "剤劑", "崎﨑嵜碕", "冴冱", "桟棧", "蚕蠶", "惨慘", "賛贊", "残殘", "糸絲", "歯齒", "児兒", "辞辭", "湿濕", "実實", "写寫冩", "釈釋", "寿壽",
        "収收", "従從", "渋澁澀", "獣獸", "縦縱", "粛肅", "処處", "緒緖", "叙敍敘", "奨奬獎", "将將", "床牀", "渉涉", "焼燒", "称稱", "証證", "乗乘", "剰剩", "嬢孃", "条條", "浄淨", "状狀", "畳疊", "穣穰", "譲讓", "醸釀", "嘱囑", "触觸", "寝寢",
        "慎愼", "晋晉", "真眞", "尽盡", "図圖", "粋粹", "酔醉", "随隨", "髄髓", "数數", "枢樞", "瀬瀨", "清淸", "声聲", "静靜", "税稅", "摂攝", "窃竊", "専專", "戦戰", "浅淺", "潜潛", "繊纖", "践踐", "銭錢", "禅禪", "双雙", "壮壯", "捜搜",
        "挿插", "争爭", "総總", "聡聰", "荘莊", "装裝", "騒騷", "増增", "蔵藏", "臓臟", "属屬", "続續", "堕墮", "体體軆躰", "対對", "帯帶", "滞滯", "台臺", "滝瀧", "択擇", "沢澤", "単單", "担擔", "胆膽", "団團", "弾彈", "断斷", "痴癡", "遅遲",
        "昼晝", "虫蟲", "鋳鑄", "庁廳", "聴聽", "鎮鎭", "逓遞", "鉄鐵銕", "転轉", "点點", "伝傳", "灯燈", "当當", "党黨", "盗盜", "稲稻", "島嶋嶌", "闘鬭鬪", "徳德", "独獨", "読讀", "届屆", "弐貳", "悩惱", "脳腦", "覇霸", "拝拜", "廃廢", "売賣",
        "麦麥", "発發", "髪髮", "抜拔", "蛮蠻", "秘祕", "姫姬", "浜濱濵", "瓶甁", "富冨", "払拂", "仏佛", "変變", "辺邊邉", "弁辨瓣辯", "歩步", "宝寶寳", "豊豐", "褒襃", "翻飜", "毎每", "万萬", "満滿", "黙默", "弥彌", "訳譯", "薬藥", "与與", "予豫",
        "余餘", "誉譽", "揺搖", "様樣", "謡謠", "来來", "頼賴", "乱亂", "覧覽", "竜龍", "両兩", "猟獵", "緑綠", "涙淚", "塁壘", "礼禮", "励勵", "戻戾", "霊靈", "隷隸", "齢齡", "暦曆", "歴歷", "恋戀", "錬鍊", "炉爐", "労勞", "楼樓", "湾灣",
        "湧涌", "高髙", "吉𠮷", "凜凛", "槙槇", "遥遙", "尭堯", "亘亙", "穂穗", "曽曾", "桧檜", "桑桒", "館舘", "野埜", "峰峯", "松枩", "梅楳", "杉杦", "船舩", "淵渊渕", "鴎鷗", "鯵鰺", "籠篭", "芦蘆", "竈竃", "蝿蠅", "壺壷", "賎賤", "藪薮",
        "靭靱", "罵駡",
    ];

    private static readonly FrozenDictionary<int, string> Forms = ReadForms();

    /// <summary>Writes the folded text and returns its length.</summary>
    /// <param name="folded">Has at least the length of <see cref="Bound"/>.</param>
    public static int Fold(ReadOnlySpan<char> text, Span<char> folded)
    {
        int length = 0;
        for (int at = 0; at < text.Length;)
        {
            if (FormAt(text[at..], out int width) is { } form)
            {
                foreach (char c in form) Add(c, folded, ref length);
            }
            else if (width == 2)
            {
                (folded[length], folded[length + 1]) = (text[at], text[at + 1]);
                length += 2;
            }
            else
            {
                Add(text[at], folded, ref length);
            }

            at += width;
        }

        return length;
    }

    /// <summary>The most UTF-16 units of the folded text.</summary>
    public static int Bound(ReadOnlySpan<char> text)
    {
        int bound = 0;
        for (int at = 0, width; at < text.Length; at += width)
        {
            bound += FormAt(text[at..], out width)?.Length ?? width;
        }

        return bound;
    }

    /// <summary>A folded character with kana replaced by their sound, in hiragana.</summary>
    public static char Sound(char c) => c switch
    {
        'ヴ' or 'ゔ' => 'ぶ',
        >= 'ァ' and <= 'ヶ' => (char)(c - 0x60),
        _ => c,
    };

    private static string? FormAt(ReadOnlySpan<char> text, out int width)
    {
        width = 1;
        if (text[0] < 0xA0) return null;
        if (char.IsSurrogate(text[0]))
        {
            if (Rune.DecodeFromUtf16(text, out var rune, out int units) != System.Buffers.OperationStatus.Done) return null;
            width = units;
            return Forms.GetValueOrDefault(rune.Value);
        }

        return Forms.GetValueOrDefault(text[0]);
    }

    private static void Add(char c, Span<char> folded, ref int length)
    {
        char before = length > 0 ? folded[length - 1] : '\0';
        if (IsDropped(c) || (IsKana(before) && LongSigns.Contains(c))) return;
        if (IsVoicing(c) && length > 0)
        {
            folded[length - 1] = Voice(before, half: c is '\u309A' or '\u309C' or '\uFF9F');
        }
        else if (before is 'ゔ' or 'ヴ' && SmallVowels.IndexOf(c, StringComparison.Ordinal) is >= 0 and var vowel)
        {
            folded[length - 1] = VoicedVowels[(vowel % 5) + (before == 'ヴ' ? 5 : 0)];
        }
        else
        {
            folded[length++] = Plain(char.ToLowerInvariant(c));
        }
    }

    private static bool IsKana(char c) => c is >= 'ぁ' and <= 'ヺ';

    /// <summary>Combining accents, and apostrophes, so that "user's" is "users".</summary>
    private static bool IsDropped(char c) => c is '\'' or '\u2019' or (>= '\u0300' and <= '\u036F');

    private static bool IsVoicing(char c) => c is >= '\u3099' and <= '\u309C' or '\uFF9E' or '\uFF9F';

    private static char Voice(char kana, bool half)
    {
        if (half) return HalfVoiceable.Contains(kana) ? (char)(kana + 2) : kana;
        return kana switch
        {
            'う' => 'ゔ',
            'ウ' => 'ヴ',
            _ => Voiceable.Contains(kana) ? (char)(kana + 1) : kana,
        };
    }

    private static char Plain(char c) => c switch
    {
        >= '\u00E0' and <= '\u00FF' => PlainLatin[c - 0xE0],
        >= '\u31F0' and <= '\u31FF' => PhoneticKana[c - 0x31F0],
        >= 'ぁ' and <= 'ヶ' when SmallKana.IndexOf(c, StringComparison.Ordinal) is >= 0 and var small => LargeKana[small],
        _ => c,
    };

    private static FrozenDictionary<int, string> ReadForms()
    {
        var forms = new Dictionary<int, string>();
        using (var reader = new StreamReader(typeof(Folding).Assembly.GetManifestResourceStream("compatibility.txt")!, Encoding.UTF8))
        {
            while (reader.ReadLine() is { } line)
            {
                var points = line.Split(' ').Select(static point => int.Parse(point, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToList();
                forms[points[0]] = string.Concat(points.Skip(1).Select(char.ConvertFromUtf32));
            }
        }

        foreach (string kanji in Variants)
        {
            var runes = kanji.EnumerateRunes().ToList();
            foreach (var variant in runes.Skip(1).Where(variant => variant != runes[0]))
            {
                forms[variant.Value] = runes[0].ToString();
            }
        }

        foreach (int point in forms.Keys.ToList())
        {
            // A compatibility form of a variant is read as the common kanji, too.
            if (forms[point].EnumerateRunes().ToList() is [var only] && forms.TryGetValue(only.Value, out string? common))
            {
                forms[point] = common;
            }
        }

        return forms.ToFrozenDictionary();
    }
}
