using System.Text.Json;
using System.Text.RegularExpressions;
using Agora.Client.Http.Sealing;

namespace Agora.Client.Http;

/// <summary>Whose session it is, and where.</summary>
public sealed record AgentOptions
{
    /// <summary>Else AGENT_API_URL of the environment, else http://127.0.0.1:8080.</summary>
    public Uri? Url { get; init; }

    /// <summary>An agent's own key, which names its agent, or the platform key; else AGENT_API_KEY.</summary>
    public string? Key { get; init; }

    /// <summary>Else AGENT_ID.</summary>
    public string? AgentId { get; init; }

    /// <summary>Else AGENT_USER_ID.</summary>
    public string? UserId { get; init; }

    /// <summary>What the session may do; null: what the user's grant allows.</summary>
    public Scopes? Scopes { get; init; }

    public int? ExpiresInSeconds { get; init; }

    public RetryOptions Retry { get; init; } = new();

    /// <summary>Of a session that is open.</summary>
    public string? Token { get; init; }

    /// <summary>
    /// Of an agent whose card is registered: requests are signed with them and carry no token (docs/signed-requests.md). Within the session that <see cref="Key"/> or <see cref="AgoraAgent.Open"/> opens, or
    /// <see cref="SessionId"/> names; without one they are the agent's own, for what agents do among each other.
    /// </summary>
    public KeyRing? Keys { get; init; }

    /// <summary>Of a session that is open, for requests that <see cref="Keys"/> sign.</summary>
    public string? SessionId { get; init; }

    /// <summary>As the agent's key has it; of requests that <see cref="Keys"/> sign.</summary>
    public string Tenant { get; init; } = "default";

    /// <summary>Through which requests go; it is the caller's to dispose of. Null: one that follows no redirect.</summary>
    public HttpMessageHandler? Handler { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>What a session may do: what is left out is as the grant, or the session above, has it.</summary>
public sealed record Scopes
{
    public IReadOnlyList<string>? AllowedTaskTypes { get; init; }

    public IReadOnlyList<string>? AllowedDataTypes { get; init; }

    public IReadOnlyList<string>? AllowedCategories { get; init; }

    public IReadOnlyList<string>? AllowedConsents { get; init; }

    public IReadOnlyList<string>? AllowedPayees { get; init; }

    public IReadOnlyList<string>? AllowedPeers { get; init; }

    public decimal? BudgetLimitCents { get; init; }

    /// <summary>All but payees and peers, which are named.</summary>
    public static Scopes All(decimal budgetLimitCents) =>
        new() { AllowedTaskTypes = ["*"], AllowedDataTypes = ["*"], AllowedCategories = ["*"], AllowedConsents = ["*"], BudgetLimitCents = budgetLimitCents };
}

/// <summary>How a run is asked for.</summary>
public sealed record RunOptions
{
    public decimal? MaxPriceCents { get; init; }

    /// <summary>sponsor, wallet or x402; null: in this order.</summary>
    public string? PayWith { get; init; }

    public string? CampaignId { get; init; }

    /// <summary>Null: the client makes one, and keeps it until there is an answer.</summary>
    public string? Key { get; init; }

    /// <summary>So long it is waited for; zero: not at all.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>One agent's session for one user. It is opened with the first request, and opened again when its time is over.</summary>
public sealed partial class AgoraAgent : IAsyncDisposable
{
    private readonly AgentOptions _options;
    private readonly Transport _http;
    private readonly SemaphoreSlim _opening = new(1);
    private readonly string? _key;
    private Credential? _open;
    private JsonElement? _jwks;

    /// <exception cref="ArgumentException">There is neither a key nor a token.</exception>
    public AgoraAgent(AgentOptions? options = null)
    {
        _options = options ?? new();
        var url = _options.Url ?? new(Environment.GetEnvironmentVariable("AGENT_API_URL") ?? "http://127.0.0.1:8080");
        _key = _options.Key ?? (_options is { Token: null, Keys: null } ? Environment.GetEnvironmentVariable("AGENT_API_KEY") : null);
        _open = _options.Keys is null ? _options.Token is { } token ? new(token) : null : _options.SessionId is not null || _key is null ? Signed(_options.SessionId) : null;
        if (_open is null && _key is null) throw new ArgumentException("An agent needs its key: give Key, or set AGENT_API_KEY.", nameof(options));

        IsTest = TestCredential().IsMatch(_key ?? _options.Token ?? "") || _options.Tenant.Contains("_t", StringComparison.Ordinal);
        AgentId = _options.AgentId ?? AgentOf(_key) ?? _options.Keys?.Agent ?? Environment.GetEnvironmentVariable("AGENT_ID");
        UserId = _options.UserId ?? Environment.GetEnvironmentVariable("AGENT_USER_ID");
        _http = new(url, _options.Retry, _options.Handler, _options.Time);
    }

    public string? AgentId { get; }

    public string? UserId { get; }

    /// <summary>Of test mode, by its own credential: there receipts are of play money.</summary>
    public bool IsTest { get; }

    /// <summary>What could be done after the last reply, the best first.</summary>
    public IReadOnlyList<NextAction> NextActions { get; private set; } = [];

    /// <summary>Opens a session, whether or not there is one, by a signature where there are keys and no key. Its token, or with keys the session, is used from then on.</summary>
    public async Task<Reply<AuthData>> Open(CancellationToken cancel = default)
    {
        var body = new { agent_id = AgentId, user_id = UserId, scopes = _options.Scopes, expires_in_seconds = _options.ExpiresInSeconds };
        var reply = await _http.Send<AuthData>(new(HttpMethod.Post, "/agent/auth", Itself ?? new(_key), body), cancel);
        (_open, NextActions) = (_options.Keys is null ? new(reply.Data.Token) : Signed(reply.Data.SessionId), reply.NextActions);
        return reply;
    }

    /// <summary>Ends the session, and all that it has delegated.</summary>
    public async Task Close(CancellationToken cancel = default)
    {
        if (_open is { Keys: not null, Session: null } || Interlocked.Exchange(ref _open, Itself) is not { } open) return;

        await _http.Send<EndedData>(new(HttpMethod.Delete, "/agent/session", open), cancel);
    }

    /// <summary>The session lives on until its time is over, or <see cref="Close"/> ends it.</summary>
    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        _opening.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Any route of agents.</summary>
    public async Task<Reply<T>> Send<T>(HttpMethod method, string path, object? body = null, string? key = null, string? prefer = null, CancellationToken cancel = default)
    {
        var open = _open ?? await Opened(null, cancel);
        var reply = await _http.Send<T>(new(method, path, open, body, key, prefer, (error, unanswered, cancelled) => Renewed(open, error, unanswered, cancelled)), cancel);
        NextActions = reply.NextActions;
        return reply;
    }

    private IAsyncEnumerable<T> List<T>(string path, CancellationToken cancel, params IEnumerable<KeyValuePair<string, object?>> query) =>
        Pages.Of<T>(page => Send<JsonElement>(HttpMethod.Get, page, cancel: cancel), path, query, cancel);

    private async Task<Credential> Renewed(Credential open, AgoraException error, bool unanswered, CancellationToken cancel)
    {
        if (unanswered) throw new SessionLostException(error);
        return error.Code == "session_expired" && (_key is not null || open.Session is { } session && session != _options.SessionId) ? await Opened(open, cancel) : throw error;
    }

    /// <summary>Who comes while a session is being opened has the same one.</summary>
    /// <param name="over">That of the session that has ended.</param>
    private async Task<Credential> Opened(Credential? over, CancellationToken cancel)
    {
        await _opening.WaitAsync(cancel);
        try
        {
            if (_open is null || ReferenceEquals(_open, over))
            {
                await Open(cancel);
            }

            return _open!;
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>Of the agent without a session, where it has keys and no key; else null.</summary>
    private Credential? Itself => _key is null && _options.Keys is not null ? Signed(null) : null;

    private Credential Signed(string? session) => new(null, _options.Keys, session, _options.Tenant);

    /// <summary>Keys for tests begin so; tokens name their tenant before a tilde.</summary>
    [GeneratedRegex("^(?:(?:agk2_)?test_|agt_[a-z0-9-]+_t[0-9]+~)", RegexOptions.NonBacktracking)]
    private static partial Regex TestCredential();

    /// <summary>An agent's own key is agk2_live_TENANT.AGENT.RANDOM.CODE; an agent's id may have dots.</summary>
    internal static string? AgentOf(string? key) =>
        key?.Split('.') is { Length: >= 4 } parts && parts[0].StartsWith("agk2_", StringComparison.Ordinal) ? string.Join('.', parts[1..^2]) : null;

    internal static string TenantOf(string? key) => AgentOf(key) is null ? "default" : key!.Split('.')[0].Split('_', 3)[^1];
}
