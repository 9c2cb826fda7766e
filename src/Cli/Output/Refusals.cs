using System.Text.Json;

namespace Agora.Cli.Output;

/// <summary>Why the server refused, for a person: the code, the sentence, each thing that is wrong, and when to come again.</summary>
internal static class Refusals
{
    public static void Write(TextWriter error, JsonElement refusal)
    {
        error.WriteLine($"{Plain.Text(refusal.GetProperty("code"))}: {Plain.Text(refusal.GetProperty("message"))}");
        var details = refusal.TryGetProperty("details", out var said) ? said : default;
        if (details.ValueKind == JsonValueKind.Array)
        {
            foreach (var detail in details.EnumerateArray())
            {
                error.WriteLine($"  {Plain.Text(detail.GetProperty("path"))}: {Plain.Text(detail.GetProperty("message"))}");
            }
        }
        else if (details.ValueKind == JsonValueKind.Object)
        {
            foreach (var fact in details.EnumerateObject())
            {
                error.WriteLine($"  {fact.Name}: {Plain.Text(fact.Value)}");
            }
        }

        if (refusal.TryGetProperty("retry_after_seconds", out var seconds) && seconds.ValueKind == JsonValueKind.Number)
        {
            error.WriteLine($"  Try again in {seconds.GetRawText()} s.");
        }
    }
}
