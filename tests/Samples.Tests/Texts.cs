namespace Agora.Samples.Tests;

/// <summary>Two articles of our own, one in each language, that tests read as a customer's text.</summary>
internal static class Texts
{
    public const string English =
        "Community gardens have spread through many cities during the last ten years. They turn empty lots into places where neighbours grow "
        + "vegetables together. Dr. Lena Ortiz, who studies urban food at the state university, counted 312 gardens in the city in 2024. Gardens cool "
        + "the streets around them, because plants and open soil hold water that paved lots shed at once. Most gardens depend on volunteers, and "
        + "volunteers move away. When a lease ends, the garden often ends with it. The city now offers ten-year leases to gardens that share a third "
        + "of their harvest with food banks. Ortiz says that long leases matter more than money, since neighbours only plant fruit trees where they "
        + "expect to pick the fruit. \"Nobody plants a pear for a developer,\" she says. Last year the gardens with long leases gave 41 tons of "
        + "vegetables to food banks.";

    public const string Japanese =
        "地方の図書館が、まちの新しい居場所として注目されている。長野県のある図書館では、三年前に閲覧室の一部を開放し、会話や軽食ができる場所を作った。"
        + "利用者は二倍に増え、とくに高校生の利用が目立つという。館長の田中さんは「静かに本を読むだけの場所では、若い人は来ません。話せる場所があれば、"
        + "本にも手が伸びます」と話す。一方で、静かな環境を求める利用者からは戸惑いの声もあった。図書館は時間帯によって部屋を分け、静かな閲覧室も残した。"
        + "いまでは高校生と高齢者が一緒に郷土資料を調べる講座も開かれている。図書館が人と本だけでなく、人と人をつなぐ場所になりつつある。";
}
