using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Agora.Application.Language;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Microsoft.Net.Http.Headers;

namespace Agora.Web;

/// <summary>What there is to say of a code.</summary>
/// <param name="Title">A sentence, the same for every occurrence.</param>
/// <param name="Text">The whole page, as Markdown.</param>
internal sealed record ErrorPage(string Code, string Title, string Text)
{
    private const string Between = "\n\n";
    private const string Fence = "```json";

    /// <summary>A refusal of the code, as it is sent.</summary>
    public JsonObject Example() => (JsonObject)JsonNode.Parse(Text.Split(Fence)[1].Split("```")[0])!;

    /// <summary>Paragraph by paragraph; the example is as such a refusal then comes.</summary>
    public ErrorPage In(Words words) => new(Code, words.Of(Title), string.Join(Between, Text.Split(Between).Select(part => part.StartsWith(Fence, StringComparison.Ordinal) ? ExampleIn(words) : words.Of(part))));

    private string ExampleIn(Words words)
    {
        var example = Example();
        var error = example["error"]!.AsObject();
        error["message"] = words.Of(new Rejection(Code, (string)error["message"]!));
        foreach (var detail in error["details"] as JsonArray ?? []) detail!["message"] = words.Of((string)detail["message"]!);
        foreach (var action in error["next_actions"]!.AsArray()) action!["description"] = words.Of((string)action["description"]!);
        return $"{Fence}\n{example.ToJsonString(ApiJson.Options)}\n```\n";
    }
}

/// <summary>
/// A page for each code, at the address that problem details name as its type: the sections of docs/errors.md, which is built in. A section begins with the code, and its
/// title is in bold.
/// </summary>
internal sealed class ErrorPages(ApiOptions options) : IFeature
{
    private const string Heading = "\n## ";
    private static readonly FrozenDictionary<string, ErrorPage> Pages = Read().ToFrozenDictionary(page => page.Code, StringComparer.Ordinal);

    public static IEnumerable<ErrorPage> All => Pages.Values.OrderBy(page => page.Code, StringComparer.Ordinal);

    public static ErrorPage Of(string code) => Pages[code];

    public static ErrorPage? Find(string code) => Pages.GetValueOrDefault(code);

    public void Map(Routes routes)
    {
        foreach (var page in All)
        {
            var (english, japanese) = (Markdown(page, "en"), new Lazy<Reply>(() => Markdown(page.In(Words.Japanese), Words.Japanese.Language))); // a start translates nothing
            routes.Document(Problem.TypeOf(page.Code), (Words? words) => words is null ? english : japanese.Value, options.ErrorPages is { } pages ? $"{pages}/{page.Code}" : null);
        }
    }

    private static Reply Markdown(ErrorPage page, string language) =>
        Reply.Text("text/markdown; charset=utf-8", page.Text) with { Headers = [(HeaderNames.ContentLanguage, language), (HeaderNames.Vary, $"{HeaderNames.Accept}, {HeaderNames.AcceptLanguage}")] };

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
