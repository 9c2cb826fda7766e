using System.Text.Json;
using Agora.Application.Values;
using Agora.Core.Runs;

namespace Agora.Api.Runs;

/// <summary>What a model's call was, besides a run.</summary>
/// <param name="Route">Why this model was called; null: it was asked for.</param>
/// <param name="IsEstimate">Nobody knows what it cost: what was held was posted.</param>
/// <param name="CachedFrom">The run whose reply is the answer; null: the model was called.</param>
/// <param name="InputTokens">Null, with the others: nobody counted.</param>
internal sealed record RunModelData(
    string? Route,
    long PricesVersion,
    Cents HeldCents,
    bool IsEstimate,
    string? CachedFrom,
    string? ProviderId,
    long? InputTokens,
    long? CacheReadTokens,
    long? CacheWriteTokens,
    long? OutputTokens,
    long? ReasoningTokens,
    long? FirstMs,
    long? TookMs) : IWrittenData
{
    public const string Example =
        """{"route":"router, rule 2: no rule before it fits","prices_version":1,"held_cents":6.5,"is_estimate":false,"cached_from":null,"provider_id":"resp_1","input_tokens":91,"cache_read_tokens":0,"cache_write_tokens":0,"output_tokens":20,"reasoning_tokens":8,"first_ms":410,"took_ms":2300}""";

    public static RunModelData Of(CalledModel called) => new(
        called.Route, called.Prices, new(called.HeldMicros), called.IsEstimate, called.CachedFrom?.ToString("D"), called.ProviderId,
        called.Usage?.Input, called.Usage?.CacheRead, called.Usage is { } usage ? usage.CacheWrite + usage.CacheWriteLong : null, called.Usage?.Output, called.Usage?.Reasoning, called.FirstMs, called.TookMs);

    public void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, ApiJson.Options);
}
