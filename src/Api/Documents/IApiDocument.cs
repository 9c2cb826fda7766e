using System.Text.Json;
using Agora.Web;

namespace Agora.Api.Documents;

/// <summary>What <c>/openapi/v1.json</c> serves, for pages that show it to people.</summary>
public interface IApiDocument
{
    /// <summary>Once all routes are mapped.</summary>
    JsonElement Read();

    /// <summary>The page of each code, as Markdown: its title, when it comes, what to do, an example.</summary>
    IReadOnlyList<(string Code, string Text)> Errors { get; }

    /// <summary>One of these, in English or Japanese. Null: there is no such code.</summary>
    /// <param name="language">As <see cref="Languages.NameOf"/> says it.</param>
    string? Error(string code, string language);
}
