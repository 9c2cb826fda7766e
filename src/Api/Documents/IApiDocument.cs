using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Documents;

/// <summary>What <c>/openapi/v1.json</c> serves, for pages that show it to people.</summary>
public interface IApiDocument
{
    /// <summary>Once all routes are mapped.</summary>
    JsonElement Read();

    /// <summary>The page of each code, as Markdown: its title, when it comes, what to do, an example.</summary>
    IReadOnlyList<(string Code, string Text)> Errors { get; }

    /// <summary>One of these in the language that is asked for. Null: there is no such code.</summary>
    (string Text, string Language)? Error(string code, HttpRequest request);
}
