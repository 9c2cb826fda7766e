using System.Text.Json.Nodes;

namespace Agora.Differential.Tests.Schemas;

/// <summary>What both grammars draw from: few names, texts and numbers, so that schemas and instances meet often.</summary>
internal sealed class Draw(int seed)
{
    private static readonly string[] Names = ["a", "b", "c", "aa", "é", "😀", "a/b", "~0", " ", "0", "_"];
    private static readonly string[] Texts = ["", "a", "ab", "b1", "aab", "é", "e\u0301", "😀", "a😀b", "1", "a b", "a\nb", "-_", "ß", "\u00a0", "K", "\u212a", "a\u2028b", "\u0000", "٣"];
    private static readonly string[] Numbers =
        ["0", "-0", "1", "1.0", "10e-1", "2", "3", "4", "-1", "-2", "0.5", "1.5", "2.25", "-0.75", "1e1", "12", "100", "4503599627370496", "-0.0", "0e5", "4E+0"];

    private readonly Random _random = new(seed);

    public int Below(int bound) => _random.Next(bound);

    public bool OneIn(int n) => _random.Next(n) == 0;

    public T Of<T>(IList<T> all) => all[_random.Next(all.Count)];

    public string Name() => Of(Names);

    public string Text() => OneIn(4) ? Of(Texts) + Of(Texts) : Of(Texts);

    /// <summary>With its spelling; each is exact as a double, for that is what the other validator reads.</summary>
    public JsonNode Number() => JsonNode.Parse(Of(Numbers))!;

    public IEnumerable<int> UpTo(int most) => Enumerable.Range(0, _random.Next(most + 1));

    public JsonObject Object(int mostMembers, Func<JsonNode?> value)
    {
        var json = new JsonObject();
        foreach (var _ in UpTo(mostMembers)) json[Name()] = value();
        return json;
    }

    public JsonArray Array(int mostItems, Func<JsonNode?> value) => [.. UpTo(mostItems).Select(_ => value())];
}
