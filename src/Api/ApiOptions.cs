using System.Net;
using Agora.Api.Hosts;
using Agora.Api.Http;
using Agora.Core.Access;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.X402;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Agora.Api;

/// <summary>What the process is told about its HTTP side. Built and validated by the host; immutable from then on.</summary>
public sealed record ApiOptions
{
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

    /// <summary>Whether <see cref="Dashboard"/> is there, for the console to link to.</summary>
    public bool HasDashboard { get; init; }

    /// <summary>How long a request waits for its run before it answers 202.</summary>
    public TimeSpan RunWait { get; init; } = Limits.RunWait;

    /// <summary>Null when requests can be served and the journal can be written; else a short reason, server text.</summary>
    public required Func<CancellationToken, Task<string?>> NotReady { get; init; }

    /// <summary>
    /// Bounds of connections. A client that sends slower than 240 bytes/s or reads slower than 16 KB/s after 5 s of grace, or takes 15 s for its headers, is
    /// cut off: otherwise a few of them could hold every connection, and what they do not read would fill the memory.
    /// </summary>
    public static void ConfigureKestrel(KestrelServerOptions kestrel) => ConfigureKestrel(kestrel, [], hasHttp3: false);

    /// <param name="trustedProxies">As <see cref="TrustedProxies"/>.</param>
    public static void ConfigureKestrel(KestrelServerOptions kestrel, IReadOnlyList<IPNetwork> trustedProxies, bool hasHttp3)
    {
        Connections.Configure(kestrel, Connections.AtMost(), trustedProxies, hasHttp3);
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        limits.MaxConcurrentUpgradedConnections = TalkLimits.ListenersOfAll;
        limits.MaxRequestBodySize = 4 * Limits.BodyBytes;
        limits.MaxRequestHeaderCount = 64;
        limits.MaxRequestHeadersTotalSize = 16 * 1024 + X402Limits.HeaderLength;
        limits.MaxRequestLineSize = 16 * 1024; // a 10 KB id gets its documented refusal
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(120);
        limits.MinRequestBodyDataRate = new MinDataRate(240, TimeSpan.FromSeconds(5));
        limits.MinResponseDataRate = new MinDataRate(16 * 1024, TimeSpan.FromSeconds(5));
    }
}
