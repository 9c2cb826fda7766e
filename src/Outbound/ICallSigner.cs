namespace Agora.Outbound;

/// <summary>Says to the other side who calls, in a way that it can check.</summary>
public interface ICallSigner
{
    /// <summary>The fields to be added to one attempt, each time others. Null: there is no key to sign with just now, and the attempt is not made.</summary>
    /// <param name="request">As it will be sent.</param>
    /// <param name="body">What it posts; null where it has no body.</param>
    ValueTask<IReadOnlyList<KeyValuePair<string, string>>?> Sign(HttpRequestMessage request, ReadOnlyMemory<byte>? body, CancellationToken cancellation);
}
