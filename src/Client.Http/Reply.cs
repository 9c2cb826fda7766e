using System.Text.Json;

namespace Agora.Client.Http;

/// <summary>What was asked for, and what stood beside it.</summary>
/// <param name="Replayed">The stored outcome of an earlier request with this key.</param>
public sealed record Reply<T>(T Data, int Status, IReadOnlyList<NextAction> NextActions, string? RequestId, bool Replayed, TimeSpan? RetryAfter);

/// <summary>How often and how long a request is sent again.</summary>
public sealed record RetryOptions
{
    /// <summary>Tries of one request.</summary>
    public int Attempts { get; init; } = 8;

    /// <summary>For all of them.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>For one of them.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>So often another key is taken at most, after a service has failed, which cost nothing.</summary>
    public int NewKeys { get; init; } = 2;
}

/// <summary>Names as the API has them.</summary>
internal static class Wire
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };
}
