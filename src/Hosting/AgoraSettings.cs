using System.Globalization;
using System.Net;
using Agora.Core.Access;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Journal.Postgres;
using Agora.Outbound.Commands;
using Microsoft.Extensions.Configuration;

namespace Agora.Hosting;

/// <summary>Everything that can be set, after checking. Sources: appsettings(.Environment).json, then the environment, then flags.</summary>
public sealed record AgoraSettings
{
    public const string UrlsDefault = "http://127.0.0.1:8080";

    public const string DataDefault = "data";

    public required string Urls { get; init; }

    public required string DataDirectory { get; init; }

    /// <summary>Connection string of the PostgreSQL database that is the store; null: a SQLite file in the data directory.</summary>
    public string? Postgres { get; init; }

    /// <summary>No other process works on the store: SQLite's file belongs to one, silos share a database.</summary>
    public bool IsAlone => Postgres is null;

    public required bool Demo { get; init; }

    public required bool Once { get; init; }

    /// <summary>With <see cref="Demo"/>: nothing is served here, the demo is at work against what serves there.</summary>
    public Uri? Against { get; init; }

    /// <summary>Where the demo's text service listens; on a free port of the loopback address unless it is set.</summary>
    public required Uri TextService { get; init; }

    public string? PlatformKey { get; init; }

    public string? AdminKey { get; init; }

    /// <summary>Further operators, of any tenant.</summary>
    public required IReadOnlyList<TenantKey> OperatorKeys { get; init; }

    /// <summary>Whose signed tokens let in besides.</summary>
    public required IReadOnlyList<TrustedIssuer> Issuers { get; init; }

    /// <summary>Further platform keys, of any tenant.</summary>
    public required IReadOnlyList<TenantKey> PlatformKeys { get; init; }

    /// <summary>Keys of chats with a person in the loop, of any tenant; each is the agent of its name.</summary>
    public required IReadOnlyList<TenantKey> GptKeys { get; init; }

    /// <summary>Requests of one chat's key in a minute.</summary>
    public required int GptRatePerMinute { get; init; }

    public required IReadOnlyList<DailyTarget> Targets { get; init; }

    /// <summary>Whom models are had from.</summary>
    public required IReadOnlyList<ModelProviderSettings> ModelProviders { get; init; }

    /// <summary>Who is asked about texts for models that are moderated; null: nobody.</summary>
    public ModelModerationSettings? ModelModeration { get; init; }

    public string? TlsCertificate { get; init; }

    public string? TlsKey { get; init; }

    public required int RateLimitPerMinute { get; init; }

    public required int DuplicateWindowSeconds { get; init; }

    public required int AnomalyLimit { get; init; }

    public required int AnomalyWindowMinutes { get; init; }

    /// <summary>More than so many times the rate in a minute is a flood; 0: nothing is.</summary>
    public required int FloodFactor { get; init; }

    /// <summary>Minutes of flood in a row that suspend.</summary>
    public required int FloodMinutes { get; init; }

    /// <summary>Of the price of each run that is paid: what the platform keeps.</summary>
    public required int FeeBasisPoints { get; init; }

    /// <summary>Entities that live in one process at once; those called longest ago are put away first.</summary>
    public required int ActivationsAtMost { get; init; }

    /// <summary>CIDRs and address:port pairs that the outbound guard lets through besides public addresses.</summary>
    public required string OutboundAllow { get; init; }

    /// <summary>The same for addresses that agents name, to which their inboxes are posted.</summary>
    public required string AgentOutboundAllow { get; init; }

    /// <summary>Commands on this machine that upstreams may name.</summary>
    public required IReadOnlyList<AllowedCommand> McpCommands { get; init; }

    /// <summary>Whether pages are served: the console at /console, and those in which people talk at /talk.</summary>
    public required bool Console { get; init; }

    /// <summary>Whether the API reference is served, at /docs.</summary>
    public required bool Docs { get; init; }

    /// <summary>
    /// This is development: nothing that was set says that anyone but this machine reaches the server, or which inner addresses services have. Services may then be
    /// at loopback addresses of this machine. A loopback address of the server can also stand behind a proxy: then one of the others is set.
    /// </summary>
    public bool IsDevelopment =>
        this is { OutboundAllow: "", AgentOutboundAllow: "", Postgres: null, PublicUrls.Count: 0, TlsCertificate: null, TrustedProxies.Count: 0 } && Urls.Split(';').All(static url => ListenAddress.Parse(url).IsLoopback);

    public required IReadOnlyList<IPNetwork> TrustedProxies { get; init; }

    /// <summary>Origins whose scripts may call the API from a browser; empty: none.</summary>
    public required IReadOnlyList<string> CorsOrigins { get; init; }

    /// <summary>The addresses by which clients reach the API, at most <see cref="Limits.PublicUrls"/>, each without a slash at its end. A signed request is signed for one of them; links begin with the first.</summary>
    public IReadOnlyList<string> PublicUrls { get; init; } = [];

    /// <summary>Where /metrics is served, and nowhere else; null: where everything is.</summary>
    public Uri? MetricsUrl { get; init; }

    /// <summary>Where it listens: the addresses of the API, and that of metrics.</summary>
    public string Listens => MetricsUrl is { } metrics ? $"{Urls};{metrics.GetLeftPart(UriPartial.Authority)}" : Urls;

    /// <summary>Wraps personal keys; null: the data directory's. The same on every process of a cluster.</summary>
    public byte[]? MasterKey { get; init; }

    /// <summary>Signs session tokens; null: the data directory's. The same on every process of a cluster.</summary>
    public byte[]? TokenKey { get; init; }

    /// <summary>Who signs receipts and checkpoints, as they say it.</summary>
    public required string Issuer { get; init; }

    /// <summary>Days after which sessions that ended are archived; 0: never.</summary>
    public required int ArchiveAfterDays { get; init; }

    public required int CheckpointSeconds { get; init; }

    /// <summary>Rows a second of the journal that a silo verifies beside what it serves; 0: none.</summary>
    public required int VerifyRowsPerSecond { get; init; }

    /// <summary>Where each checkpoint is kept besides the database: a file's path or a URL; null: nowhere.</summary>
    public string? CheckpointSink { get; init; }

    /// <summary>How runs are paid by x402; null: they are not.</summary>
    public X402Settings? X402 { get; init; }

    public required ClusterSettings Cluster { get; init; }

    /// <summary>The store by name, nothing secret: for people.</summary>
    public string StoreName => Postgres is { } postgres ? $"PostgreSQL {PostgresOptions.NameOf(postgres)}" : "SQLite";

    /// <param name="serves">False for a verb that serves nothing: what only a server needs, such as a certificate for its https:// addresses, is not asked for.</param>
    /// <exception cref="SettingException">One line: the setting's name and what is allowed.</exception>
    public static AgoraSettings Read(IConfiguration configuration, bool serves = true) => Read(new SettingReader(configuration), serves);

    /// <summary>Every setting that is read, so that a misspelt one in a file is refused and never ignored. Flags, in small letters, are none.</summary>
    public static IReadOnlySet<string> Names()
    {
        var read = new SettingReader(new ConfigurationBuilder().Build());
        Read(read, serves: true);
        return read.Names.Where(n => char.IsAsciiLetterUpper(n[0])).ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    private static bool IsListener(string text) => ListenAddress.Refusal(text) is null && ListenAddress.Parse(text).Socket is null && new Uri(text) is { Scheme: "http", IsDefaultPort: false, Port: > 0 };

    private static bool IsPublicUrl(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url)
        && url.Scheme is "http" or "https" && url is { UserInfo: "", Query: "", Fragment: "" } && !text.AsSpan().ContainsAny('?', '#') && !text.Any(char.IsControl);

    private static bool ArePublicUrls(string text) => Split(text) is { Length: <= Limits.PublicUrls } addresses && addresses.All(IsPublicUrl);

    private static string[] Split(string text) => text.Split(',', StringSplitOptions.TrimEntries);

    /// <summary>RFC 6454 §6.2, as browsers write it: scheme, host in small letters, and the port where it is not the scheme's own. One that is written otherwise would never be met.</summary>
    private static bool IsOrigin(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url)
        && url.Scheme is "http" or "https" && url.UserInfo.Length == 0 && url.GetLeftPart(UriPartial.Authority) == text;

    private static AgoraSettings Read(SettingReader read, bool serves)
    {
        var settings = new AgoraSettings
        {
            Urls = read.Urls("urls", "AGORA_URLS", UrlsDefault),
            DataDirectory = Path.GetFullPath(read.Text("data") ?? read.Text("AGORA_DATA") ?? DataDefault),
            Postgres = read.Postgres("postgres", "AGORA_POSTGRES"),
            Demo = read.Flag("demo"),
            Once = read.Flag("once"),
            Against = read.Url("against"),
            TextService = read.Listener("text-service") ?? new("http://127.0.0.1:0"),
            PlatformKey = read.AccessKey("AGENT_API_KEY"),
            AdminKey = read.AccessKey("AGORA_ADMIN_KEY"),
            OperatorKeys = read.OperatorKeys("AGORA_OPERATOR_KEYS"),
            Issuers = IssuerSettings.Read(read, "AGORA_ISSUERS"),
            PlatformKeys = read.TenantKeys("AGORA_PLATFORM_KEYS"),
            GptKeys = read.TenantKeys("AGORA_GPT_KEYS"),
            Targets = read.Targets("AGORA_TARGETS"),
            ModelProviders = ModelProviderSettings.Read(read, "AGORA_MODEL_PROVIDERS"),
            ModelModeration = ModelModerationSettings.Read(read, "AGORA_MODEL_MODERATION"),
            GptRatePerMinute = read.Number("AGORA_GPT_RATE_PER_MINUTE", Limits.GptRateDefault, 1, Limits.GptRateMost),
            TlsCertificate = read.File("tls-cert", "--tls-cert"),
            TlsKey = read.File("tls-key", "--tls-key"),
            RateLimitPerMinute = read.Number("AGORA_RATE_LIMIT_PER_MINUTE", 30, 1, 10_000_000),
            DuplicateWindowSeconds = read.Number("AGORA_DUPLICATE_WINDOW_SECONDS", 10, 0, 3_600),
            AnomalyLimit = read.Number("AGORA_ANOMALY_LIMIT", 5, 1, 1_000),
            AnomalyWindowMinutes = read.Number("AGORA_ANOMALY_WINDOW_MINUTES", 5, 1, 1_440),
            FloodFactor = read.Number("AGORA_FLOOD_FACTOR", 10, 0, 10_000),
            FloodMinutes = read.Number("AGORA_FLOOD_MINUTES", 5, 1, 1_440),
            FeeBasisPoints = read.Number("AGORA_FEE_BASIS_POINTS", 0, 0, Fee.MaxBasisPoints),
            ActivationsAtMost = read.Number("AGORA_MAX_ACTIVATIONS", Limits.ActivationsDefault, 1_000, 10_000_000),
            OutboundAllow = read.Allow(OutboundRules.Setting),
            AgentOutboundAllow = read.Allow(OutboundRules.AgentSetting),
            McpCommands = CommandSettings.Read(read, OutboundRules.CommandSetting),
            TrustedProxies = read.Networks("AGORA_TRUSTED_PROXIES"),
            CorsOrigins = read.Checked("AGORA_CORS_ORIGINS", text => Split(text).All(IsOrigin), "origins as browsers say them, such as https://app.example, separated by commas; no path, no wildcard") is { } origins ? Split(origins) : [],
            MetricsUrl = read.Checked(ListenAddresses.MetricsSetting, IsListener, "an http:// address with a port of its own, such as http://127.0.0.1:9464") is { } metrics ? new(metrics) : null,
            PublicUrls = read.Checked("AGORA_PUBLIC_URL", ArePublicUrls, string.Create(CultureInfo.InvariantCulture, $"1 to {Limits.PublicUrls} http:// or https:// addresses without query, user name and fragment, separated by commas")) is { } addresses ? [.. Split(addresses).Select(static address => address.TrimEnd('/'))] : [],
            MasterKey = read.Secret("AGORA_MASTER_KEY"),
            TokenKey = read.Secret("AGORA_TOKEN_KEY"),
            Issuer = read.Issuer("AGORA_ISSUER", "agora"),
            ArchiveAfterDays = read.Number("AGORA_ARCHIVE_AFTER_DAYS", 0, 0, Limits.ArchiveAfterDaysMost),
            CheckpointSeconds = read.Number("AGORA_CHECKPOINT_SECONDS", 60, 1, 3_600),
            CheckpointSink = read.Sink("AGORA_CHECKPOINT_SINK"),
            VerifyRowsPerSecond = read.Number("AGORA_VERIFY_ROWS_PER_SECOND", 1_000, 0, Limits.VerifiedRowsMost),
            X402 = X402Settings.Read(read),
            Console = read.Choice("AGORA_CONSOLE", otherwise: true),
            Docs = read.Choice("AGORA_DOCS", otherwise: true),
            Cluster = ClusterSettings.Read(read, serves),
        };
        if (serves)
        {
            settings.RequireServing();
        }

        if (settings.Once && !settings.Demo) throw new SettingException("--once goes with --demo.");

        if (settings.Against is not null && !(settings.Once && settings is { AdminKey: not null, PlatformKey: not null }))
        {
            throw new SettingException("--against goes with --demo --once, and with AGORA_ADMIN_KEY and AGENT_API_KEY as the server there has them.");
        }

        return settings;
    }

    private void RequireServing()
    {
        if (TlsCertificate is null != TlsKey is null)
        {
            throw new SettingException("--tls-cert and --tls-key go together: PEM files of the certificate chain and its private key.");
        }

        var speaksTls = Urls.Contains("https://", StringComparison.OrdinalIgnoreCase);
        if (TlsCertificate is null && speaksTls)
        {
            throw new SettingException($"{ListenAddresses.Setting}: an https:// address needs --tls-cert and --tls-key.");
        }

        if (TlsCertificate is not null && !speaksTls)
        {
            throw new SettingException($"--tls-cert and --tls-key need an https:// address: set {ListenAddresses.Setting}, which is {Urls}, to one such as https://127.0.0.1:8080.");
        }

        ListenAddresses.CheckApart(Urls, MetricsUrl);
    }
}
