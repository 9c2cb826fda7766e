using System.Text;
using System.Text.Json;

namespace Agora.Operator.Reference;

/// <summary>An operation as a command of a shell, with the credential in a variable: a key has no place in a command's text, nor in its history.</summary>
public static class CurlExample
{
    public const string Base = "$AGORA_URL";
    private const string IdempotencyKey = "Idempotency-Key";

    /// <summary>Another key each time: under the same one a second request with another body is refused.</summary>
    private const string NewKey = "$(openssl rand -hex 16)";

    // As the documents and ./run name them.
    private static readonly Dictionary<string, string> Variables = new(StringComparer.Ordinal) { ["agentKey"] = "AGENT_API_KEY", ["sessionToken"] = "TOKEN", ["operatorKey"] = "AGORA_ADMIN_KEY" };

    private static readonly JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(ApiOperation operation)
    {
        var text = new StringBuilder("curl -s ");
        if (operation.Method != "GET" && !(operation.Method == "POST" && operation.BodyExample is not null))
        {
            text.Append("-X ").Append(operation.Method).Append(' ');
        }

        text.Append('"').Append(Base).Append(Path(operation)).Append('"');
        foreach (var scheme in operation.Schemes.Where(Variables.ContainsKey).Take(1)) text.Append($" \\\n  -H \"Authorization: Bearer ${Variables[scheme]}\"");

        if (operation.Parameters.Any(static parameter => parameter is { Name: IdempotencyKey, IsRequired: true }))
        {
            text.Append($" \\\n  -H \"{IdempotencyKey}: {NewKey}\"");
        }

        if (operation.BodyExample is { } body)
        {
            text.Append($" \\\n  -H 'Content-Type: {operation.BodyTypes[0]}' \\\n  -d {Quoted(JsonSerializer.Serialize(body, Readable))}");
        }

        return text.ToString();
    }

    /// <summary>What a shell takes as it is: a single quote ends the text, stands escaped, and begins it anew.</summary>
    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string Path(ApiOperation operation)
    {
        var path = operation.Parameters.Where(static parameter => parameter.Place == "path").Aggregate(operation.Path, static (so, parameter) => so.Replace($"{{{parameter.Name}}}", parameter.Name.ToUpperInvariant(), StringComparison.Ordinal));
        var wanted = operation.Parameters.Where(static parameter => parameter is { Place: "query", IsRequired: true }).Select(static parameter => $"{parameter.Name}={parameter.Name.ToUpperInvariant()}").ToList();
        return wanted.Count == 0 ? path : $"{path}?{string.Join('&', wanted)}";
    }
}
