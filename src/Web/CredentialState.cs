using Agora.Core.Kernel;

namespace Agora.Web;

/// <summary>What a request's credential opens by now, and for how long that stands.</summary>
/// <param name="Refused">Why it opens nothing now; null: it does.</param>
/// <param name="RestsOn">Streams: as long as none of them has another row, and <paramref name="Until"/> is not reached, it opens what it did. Null: that takes another look.</param>
/// <param name="Until">When it ends by itself; null: never.</param>
internal sealed record CredentialState(Rejection? Refused, IReadOnlyList<StreamId>? RestsOn = null, DateTimeOffset? Until = null)
{
    /// <summary>Why it opens nothing any more. Null: it does, or that cannot be told.</summary>
    public Rejection? Ended => Refused is { } refused && Codes.StatusOf(refused.Code) < 500 ? refused : null;

    /// <summary>It opens what it did. Where a clock tells the tenant's time nothing is known of when that ends.</summary>
    public static CredentialState Stands(Tenant tenant, IReadOnlyList<StreamId> restsOn, DateTimeOffset? until) => tenant.HasClock ? new(Refused: null) : new(Refused: null, restsOn, until);
}
