using System.Text.Json.Nodes;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Web;

namespace Agora.Api.Documents;

/// <summary>Parameters of a route: those of its path, its query, and the headers that matter.</summary>
internal static class OpenApiParameters
{
    public static IEnumerable<JsonObject> Of(Operation operation)
    {
        foreach (var name in operation.Sheet.Ids)
        {
            yield return Parameter(name, "path", required: true, Schemas.Meaning(new() { ["type"] = "string", ["pattern"] = PathIds.Pattern(name) }, PathIds.Meaning(name)));
        }

        foreach (var parameter in operation.Sheet.Parameters.All)
        {
            yield return Parameter(parameter.Name, "query", parameter.IsRequired, parameter.Schema());
        }

        if (operation.Audience.HasActions)
        {
            yield return Parameter(NextActionForm.Detailed, "query", required: false, Schemas.Meaning(Schemas.OneOf(NextActionForm.Values), NextActionForm.Wish));
            yield return Parameter(NextActionForm.Form, "query", required: false, Schemas.Meaning(Schemas.OneOf(NextActionForm.Forms), NextActionForm.FormWish));
        }

        if (operation.TakesKey)
        {
            yield return Parameter(IdempotencyKeys.Header, "header", operation.RequiresKey, new()
            {
                ["type"] = "string",
                ["pattern"] = "^[!-~]{1,255}$",
                ["description"] = "The same key with the same body gives the stored outcome; with another body 409.",
            });
        }

        if (Reasons.AreHeard(operation))
        {
            yield return Parameter(Reasons.Header, "header", required: false, Reasons.Schema);
        }

        foreach (var header in operation.Headers)
        {
            yield return Parameter(header.Name, "header", header.IsRequired, header.Schema());
        }
    }

    private static JsonObject Parameter(string name, string place, bool required, JsonObject schema) =>
        new() { ["name"] = name, ["in"] = place, ["required"] = required, ["schema"] = schema };
}
