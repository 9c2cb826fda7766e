namespace Agora.Api.Models;

/// <summary>Headers of the answers of the door to models (docs/models.md), besides those that every answer has.</summary>
internal static class ModelHeaders
{
    public const string Run = "Agora-Run-Id";
    public const string Held = "Agora-Held-Cents";
    public const string MaxOutput = "Agora-Max-Output-Tokens";
    public const string Cost = "Agora-Cost-Cents";

    /// <summary>Both makers' clients go by it.</summary>
    public const string ShouldRetry = "x-should-retry";

    public static readonly IReadOnlyList<string> All = [Run, Held, MaxOutput, Cost, ShouldRetry];
}
