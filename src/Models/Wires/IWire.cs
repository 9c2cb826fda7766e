using System.Buffers;

namespace Agora.Models.Wires;

/// <summary>How a provider is spoken to. Stateless and thread-safe.</summary>
public interface IWire
{
    /// <summary>Whose seals it can read: openai, anthropic, google; null: nobody's.</summary>
    string? Maker { get; }

    /// <summary>Behind the provider's base URL, query included.</summary>
    string PathOf(string model, bool stream);

    /// <summary>What carries the key, and what else each request has.</summary>
    IReadOnlyList<(string Name, string Value)> HeadersFor(string key);

    /// <summary>
    /// The body. The most that it may write is always in it, and usage is always asked for. What the request has that this provider cannot do is refused, never dropped, unless dropping it changes no meaning (hints).
    /// </summary>
    /// <param name="model">As the provider names it.</param>
    /// <param name="maxOutputTokens">Of everything that is written and billed as output, reasoning included.</param>
    /// <exception cref="Dialects.DialectException">The provider cannot do this.</exception>
    void Write(ModelRequest request, string model, int maxOutputTokens, IBufferWriter<byte> into);

    /// <summary>The request without members that a server of this wire may not know, for another try where it refuses them. Null: there are none.</summary>
    ModelRequest? Plainer(ModelRequest request) => null;

    /// <exception cref="InvalidDataException">It is no reply.</exception>
    ModelReply Read(ReadOnlyMemory<byte> body);

    /// <summary>The usage of a reply that <see cref="Read"/> cannot read, as a reply that failed with <paramref name="fault"/>. Null if the usage cannot be read either.</summary>
    ModelReply? ReadCounted(ReadOnlyMemory<byte> body, ProviderFault fault) => UsageOnly.Of(Stream(), body, fault);

    /// <summary>How it is asked for vectors; null: it makes none.</summary>
    IEmbeddingsWire? Embeddings { get; }

    /// <summary>How it is asked to read aloud; null: it does not.</summary>
    ISpeechWire? Speech { get; }

    /// <summary>How it is asked what a request would read; null: it does not say.</summary>
    ICountingWire? Counting { get; }

    /// <summary>A new one for each stream.</summary>
    IWireStream Stream();

    /// <param name="retryAfter">The header's seconds; null: none.</param>
    ProviderFault ReadError(int status, ReadOnlyMemory<byte> body, int? retryAfter);
}

/// <summary>How a provider is asked for vectors. Stateless and thread-safe.</summary>
public interface IEmbeddingsWire
{
    /// <summary>Behind the provider's base URL.</summary>
    string PathOf(string model);

    /// <exception cref="Dialects.DialectException">The provider cannot do this.</exception>
    void Write(EmbeddingRequest request, string model, IBufferWriter<byte> into);

    /// <exception cref="InvalidDataException">It is no reply, or not one vector for each text.</exception>
    ModelReply Read(EmbeddingRequest request, ReadOnlyMemory<byte> body);

    /// <summary>As <see cref="IWire.ReadCounted"/>.</summary>
    ModelReply? ReadCounted(ReadOnlyMemory<byte> body, ProviderFault fault);
}

/// <summary>How a provider is asked to read aloud: it answers with bytes of sound. Stateless and thread-safe.</summary>
public interface ISpeechWire
{
    /// <summary>Behind the provider's base URL.</summary>
    string PathOf(string model);

    /// <exception cref="Dialects.DialectException">The provider cannot do this.</exception>
    void Write(SpeechRequest request, string model, IBufferWriter<byte> into);
}

/// <summary>How a provider is asked what a chat would read, which it does not charge. Stateless and thread-safe.</summary>
public interface ICountingWire
{
    /// <summary>Behind the provider's base URL.</summary>
    string PathOf(string model);

    /// <exception cref="Dialects.DialectException">The provider cannot do this.</exception>
    void Write(ModelRequest request, string model, IBufferWriter<byte> into);

    /// <exception cref="InvalidDataException">It is no count.</exception>
    long Read(ReadOnlyMemory<byte> body);
}

/// <summary>Reads the events of one stream. Not thread-safe.</summary>
public interface IWireStream
{
    /// <summary>One server-sent event's data (JSON, or [DONE]).</summary>
    /// <param name="into">What it says is added here, in order.</param>
    /// <exception cref="InvalidDataException">It is no event of this wire.</exception>
    void Read(ReadOnlyMemory<byte> data, List<ModelEvent> into);

    /// <summary>
    /// Reads only usage, service tier and the end of the reply (<see cref="ModelEvent.Counted"/>, <see cref="ModelEvent.Tiered"/>, <see cref="ModelEvent.Ended"/>) from an event or a whole reply that cannot be read. Never throws.
    /// After the first event that <see cref="Read"/> refused, all further events are read by this method.
    /// </summary>
    void Count(ReadOnlyMemory<byte> data, List<ModelEvent> into);

    /// <summary>The provider said that this was all; a stream that ends before was cut off.</summary>
    bool IsOver { get; }

    /// <summary>It is over, and its usage may still come behind its end.</summary>
    bool AwaitsUsage => false;
}
