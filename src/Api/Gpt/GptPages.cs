using Agora.Application.Language;
using Agora.Web;

namespace Agora.Api.Gpt;

/// <summary>Pages for people who talk with a chat: what becomes of what they say, and what they agree to. Plain HTML, no script, nothing loaded from anywhere.</summary>
internal sealed class GptPages : IFeature
{
    private static readonly string[] Names = ["privacy", "consent"];

    public void Map(Routes routes)
    {
        foreach (var name in Names)
        {
            var (english, japanese) = (Page(name, "en"), Page(name, Words.Japanese.Language));
            routes.Document($"/gpt/{name}", (Words? words) => words is null ? english : japanese);
        }
    }

    private static Reply Page(string name, string language)
    {
        using var stream = typeof(GptPages).Assembly.GetManifestResourceStream($"gpt.{name}.{language}.html")!;
        using var reader = new StreamReader(stream);
        return Reply.Text("text/html; charset=utf-8", reader.ReadToEnd()) with { Headers = [("Content-Language", language), ("Vary", "Accept-Language"), ("Cache-Control", "public, max-age=3600")] };
    }
}
