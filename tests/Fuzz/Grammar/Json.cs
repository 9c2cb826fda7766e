using System.Text;
using System.Text.Json;

namespace Agora.Fuzz.Grammar;

/// <summary>
/// JSON as text may have it, the wrong kinds too: a member twice, a number that no type holds, half a surrogate pair. So names and values
/// are kept as they are written, not as what they mean.
/// </summary>
internal abstract record Json
{
    public sealed record Members(List<(string Name, Json Value)> Of) : Json;

    public sealed record Items(List<Json> Of) : Json;

    /// <param name="Written">A number, a word, or a string with its quotes.</param>
    public sealed record Raw(string Written) : Json;

    public static Json String(string text) => new Raw(Quoted(text));

    /// <summary>With quotes, escaped as JSON wants it; a lone surrogate as \uXXXX, which text of its own could not carry.</summary>
    public static string Quoted(string text)
    {
        var written = new StringBuilder("\"");
        foreach (var c in text)
        {
            _ = char.IsSurrogate(c) || c < ' ' || c is '"' or '\\' ? written.Append($"\\u{(int)c:x4}") : written.Append(c);
        }

        return written.Append('"').ToString();
    }

    public static Json From(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => new Members([.. element.EnumerateObject().Select(m => (Quoted(m.Name), From(m.Value)))]),
        JsonValueKind.Array => new Items([.. element.EnumerateArray().Select(From)]),
        _ => new Raw(element.GetRawText()),
    };

    public string Write()
    {
        var text = new StringBuilder();
        Write(text);
        return text.ToString();
    }

    private void Write(StringBuilder text)
    {
        switch (this)
        {
            case Members members:
                text.Append('{');
                for (var i = 0; i < members.Of.Count; i++)
                {
                    text.Append(i == 0 ? "" : ",").Append(members.Of[i].Name).Append(':');
                    members.Of[i].Value.Write(text);
                }

                text.Append('}');
                break;
            case Items items:
                text.Append('[');
                for (var i = 0; i < items.Of.Count; i++)
                {
                    text.Append(i == 0 ? "" : ",");
                    items.Of[i].Write(text);
                }

                text.Append(']');
                break;
            case Raw raw:
                text.Append(raw.Written);
                break;
        }
    }
}
