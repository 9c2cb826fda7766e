
namespace Agora.Api.Models;

/// <summary>Headers that answers of the model routes have besides those of every answer (docs/models.md).</summary>
internal static class ModelHeaders
{
    public const string Run = "Agora-Run-Id";
    public const string Held = "Agora-Held-Cents";
    public const string MaxOutput = "Agora-Max-Output-Tokens";
    public const string Cost = "Agora-Cost-Cents";

    /// <summary>Both OpenAI's and Anthropic's SDKs obey it.</summary>
    public const string ShouldRetry = "x-should-retry";

    public static readonly IReadOnlyList<string> All = [Run, Held, MaxOutput, Cost, ShouldRetry];
}
