using Agora.Core.Kernel;

namespace Agora.Api.Http;

/// <summary>What a request's credential opens by now, and for how long that stands.</summary>
/// <param name="Refused">Why it opens nothing any more; null: it does.</param>
/// <param name="RestsOn">Streams: as long as none of them has another row, and <paramref name="Until"/> is not reached, it opens what it did. Null: that takes another look.</param>
/// <param name="Until">When it ends by itself; null: never.</param>
internal sealed record CredentialState(Rejection? Refused, IReadOnlyList<StreamId>? RestsOn = null, DateTimeOffset? Until = null);
