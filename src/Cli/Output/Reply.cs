using System.Text.Json;
using Agora.Cli.Calls;

namespace Agora.Cli.Output;

/// <summary>A reply of the API: what was asked for, or why it was refused.</summary>
internal sealed record Reply(JsonElement? Data, JsonElement? Refusal)
{
    /// <returns>Null: it is none.</returns>
    public static Reply? Parse(Answered answered)
    {
        try
        {
            var root = JsonElement.Parse(answered.Text);
            return root.ValueKind != JsonValueKind.Object ? null
                : root.TryGetProperty("error", out var error) ? new(null, error)
                : root.TryGetProperty("data", out var data) ? new(data, null)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
