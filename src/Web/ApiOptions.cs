using System.Net;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.X402;

namespace Agora.Web;

/// <summary>What the process is told about its HTTP side. Built and validated by the host; immutable from then on.</summary>
public sealed record ApiOptions
{
    /// <summary>All tenants that have keys or issuers of sign-ins.</summary>
    internal IReadOnlyList<Tenant> Tenants => [.. OperatorKeys.Concat(PlatformKeys).Select(static key => key.Tenant).Concat(Issuers.Select(static issuer => issuer.Tenant)).Distinct()];

    /// <summary>Signs session tokens; at least 32 bytes, the same on every process of a cluster.</summary>
    public required ReadOnlyMemory<byte> TokenKey { get; init; }

    /// <summary>Operators' keys, each of one tenant. Empty: nobody can administer.</summary>
    public required IReadOnlyList<AccessKey> OperatorKeys { get; init; }

    /// <summary>Platform keys: whoever has one vouches for any agent and user of its tenant. Empty: only agents' own keys authenticate.</summary>
    public IReadOnlyList<AccessKey> PlatformKeys { get; init; } = [];

    /// <summary>Keys of chats, each of one tenant and the agent of its name. Empty: nobody comes in by /gpt.</summary>
    public IReadOnlyList<AccessKey> GptKeys { get; init; } = [];

    /// <summary>Requests of one of them in a minute.</summary>
    public int GptRatePerMinute { get; init; } = Limits.GptRateDefault;

    /// <summary>Issuers whose signed tokens let in besides. Empty: none.</summary>
    public IReadOnlyList<TrustedIssuer> Issuers { get; init; } = [];

    public required SessionPolicy Policy { get; init; }

    /// <summary>The addresses by which clients reach this API, each without a slash at its end. A signed request must be signed for one of them, or for a loopback address over loopback.</summary>
    public IReadOnlyList<string> PublicUrls { get; init; } = [];

    /// <summary>The first of <see cref="PublicUrls"/>: links begin with it. Null if there is none: links are relative.</summary>
    public string? PublicUrl => PublicUrls.Count > 0 ? PublicUrls[0] : null;

    /// <summary>The port at which /metrics is served, and nothing but it and the two probes; null: it is served wherever all else is.</summary>
    public int? MetricsPort { get; init; }

    /// <summary>What is wished for of a day, at most one of each measure.</summary>
    public IReadOnlyList<DailyTarget> Targets { get; init; } = [];

    /// <summary>Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed; from anyone else they are ignored.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>Origins whose scripts may call from a browser, each as a browser says it. Empty: none.</summary>
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary>Why a service's endpoint would never be called, a sentence that names the setting, or null. Only who makes the calls knows; a front end does not.</summary>
    public Func<string, string?> EndpointRefusal { get; init; } = static _ => null;

    /// <summary>The same of an endpoint that an agent names.</summary>
    public Func<string, string?> AgentEndpointRefusal { get; init; } = static _ => null;

    /// <summary>Why a command would never be run for a tenant's upstream, a sentence that names the setting, or null. Only the process that runs it knows; a front end does not.</summary>
    public Func<Tenant, string, string?> CommandRefusal { get; init; } = static (_, _) => null;

    /// <summary>Where calls go besides public addresses, as the end of a sentence part; empty: nowhere.</summary>
    public string OutboundBesides { get; init; } = "";

    /// <summary>How payments by x402 are taken; null: they are not.</summary>
    public PaymentTerms? X402 { get; init; }

    /// <summary>Who settles them, for operators to read; null: nobody does.</summary>
    public Uri? Facilitator { get; init; }

    /// <summary>Below which address a browser sees the page of a code; null: nowhere.</summary>
    public string? ErrorPages { get; init; }

    /// <summary>The path of the page that a browser is sent to from the server's address. Null if there is none: a browser reads JSON there.</summary>
    public string? FrontPage { get; init; }

    /// <summary>Whether the dashboard is there, for the console to link to.</summary>
    public bool HasDashboard { get; init; }

    /// <summary>How long a request waits for its run before it answers 202.</summary>
    public TimeSpan RunWait { get; init; } = Limits.RunWait;

    /// <summary>Null when requests can be served and the journal can be written; else a short reason, server text.</summary>
    public required Func<CancellationToken, Task<string?>> NotReady { get; init; }
}
