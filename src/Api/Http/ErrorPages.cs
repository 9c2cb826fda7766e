using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace Agora.Api.Http;

/// <summary>What there is to say of a code.</summary>
/// <param name="Title">A sentence, the same for every occurrence.</param>
/// <param name="Text">The whole page, as Markdown.</param>
internal sealed record ErrorPage(string Code, string Title, string Text)
{
    /// <summary>A refusal of the code, as it is sent.</summary>
    public JsonObject Example() => (JsonObject)JsonNode.Parse(Text.Split("```json")[1].Split("```")[0])!;
}

/// <summary>
/// A page for each code, at the address that problem details name as its type: the sections of docs/errors.md, which is built in. A section begins with the code, and its
/// title is in bold.
/// </summary>
internal sealed class ErrorPages : IFeature
{
    private const string Heading = "\n## ";
    private static readonly FrozenDictionary<string, ErrorPage> Pages = Read().ToFrozenDictionary(page => page.Code, StringComparer.Ordinal);

    public static IEnumerable<ErrorPage> All => Pages.Values.OrderBy(page => page.Code, StringComparer.Ordinal);

    public static ErrorPage Of(string code) => Pages[code];

    public void Map(Routes routes)
    {
        foreach (var page in All)
        {
            var reply = Task.FromResult(Reply.Document("text/markdown; charset=utf-8", page.Text));
            routes.Document(Problem.TypeOf(page.Code), _ => reply);
        }
    }

    private static IEnumerable<ErrorPage> Read()
    {
        using var stream = typeof(ErrorPages).Assembly.GetManifestResourceStream("errors.md")!;
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd().ReplaceLineEndings("\n");
        foreach (var section in text.Split(Heading).Skip(1))
        {
            var title = section.Split("**");
            yield return new(section[..section.IndexOf('\n', StringComparison.Ordinal)], title[1], $"# {section}");
        }
    }
}
