using Agora.Core.Kernel;

namespace Agora.Grains.Webhooks;

/// <summary>One message to an endpoint. A class, for a record would print the seeds.</summary>
/// <param name="id">The same with each try.</param>
/// <param name="seeds">Of what signs, the newest first.</param>
public sealed class WebhookMessage(StreamId endpoint, string url, string id, ReadOnlyMemory<byte> body, IReadOnlyList<Personal> seeds)
{
    public StreamId Endpoint { get; } = endpoint;

    public string Url { get; } = url;

    public string Id { get; } = id;

    public ReadOnlyMemory<byte> Body { get; } = body;

    public IReadOnlyList<Personal> Seeds { get; } = seeds;
}

/// <summary>What came of it.</summary>
/// <param name="Status">Null: there was no answer.</param>
/// <param name="Error">One of <see cref="Core.Webhooks.DeliveryErrors"/>; null: it was taken.</param>
/// <param name="Head">The first characters of what it said; null: nothing.</param>
public sealed record WebhookAnswer(int? Status, string? Error, string? Head);

/// <summary>Sends messages to endpoints, once each. Whatever the other side does is a value.</summary>
public interface IWebhookPost
{
    /// <exception cref="OperationCanceledException">It is not known whether it was taken.</exception>
    Task<WebhookAnswer> Post(WebhookMessage message, CancellationToken cancel);
}
