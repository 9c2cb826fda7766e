using System.Text.Json;
using System.Text.RegularExpressions;

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

    public decimal? BudgetLimitCents { get; init; }

    /// <summary>All but payees, which are named.</summary>
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
    private string? _token;
    private JsonElement? _jwks;

    /// <exception cref="ArgumentException">There is neither a key nor a token.</exception>
    public AgoraAgent(AgentOptions? options = null)
    {
        _options = options ?? new();
        var url = _options.Url ?? new(Environment.GetEnvironmentVariable("AGENT_API_URL") ?? "http://127.0.0.1:8080");
        (_token, _key) = (_options.Token, _options.Key ?? (_options.Token is null ? Environment.GetEnvironmentVariable("AGENT_API_KEY") : null));
        if (_token is null && _key is null) throw new ArgumentException("An agent needs its key: give Key, or set AGENT_API_KEY.", nameof(options));

        IsTest = TestCredential().IsMatch(_key ?? _token!);
        AgentId = _options.AgentId ?? AgentOf(_key) ?? Environment.GetEnvironmentVariable("AGENT_ID");
        UserId = _options.UserId ?? Environment.GetEnvironmentVariable("AGENT_USER_ID");
        _http = new(url, _options.Retry, _options.Handler, _options.Time);
    }

    public string? AgentId { get; }

    public string? UserId { get; }

    /// <summary>Of test mode, by its own credential: there receipts are of play money.</summary>
    public bool IsTest { get; }

    /// <summary>What could be done after the last reply, the best first.</summary>
    public IReadOnlyList<NextAction> NextActions { get; private set; } = [];

    /// <summary>Opens a session, whether or not there is one. Its token is used from then on.</summary>
    public async Task<Reply<AuthData>> Open(CancellationToken cancel = default)
    {
        var body = new { agent_id = AgentId, user_id = UserId, scopes = _options.Scopes, expires_in_seconds = _options.ExpiresInSeconds };
        var reply = await _http.Send<AuthData>(new(HttpMethod.Post, "/agent/auth", _key, body), cancel);
        (_token, NextActions) = (reply.Data.Token, reply.NextActions);
        return reply;
    }

    /// <summary>Ends the session, and all that it has delegated.</summary>
    public async Task Close(CancellationToken cancel = default)
    {
        if (Interlocked.Exchange(ref _token, null) is not { } token) return;

        await _http.Send<EndedData>(new(HttpMethod.Delete, "/agent/session", token), cancel);
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
        var token = _token ?? await Opened(null, cancel);
        var reply = await _http.Send<T>(new(method, path, token, body, key, prefer, (error, unanswered, cancelled) => Renewed(token, error, unanswered, cancelled)), cancel);
        NextActions = reply.NextActions;
        return reply;
    }

    private IAsyncEnumerable<T> List<T>(string path, CancellationToken cancel, params IEnumerable<KeyValuePair<string, object?>> query) =>
        Pages.Of<T>(page => Send<JsonElement>(HttpMethod.Get, page, cancel: cancel), path, query, cancel);

    private async Task<string> Renewed(string token, AgoraException error, bool unanswered, CancellationToken cancel)
    {
        if (unanswered) throw new SessionLostException(error);
        return error.Code == "session_expired" && _key is not null ? await Opened(token, cancel) : throw error;
    }

    /// <summary>Who comes while a session is being opened has the same one.</summary>
    /// <param name="over">The token whose session has ended.</param>
    private async Task<string> Opened(string? over, CancellationToken cancel)
    {
        await _opening.WaitAsync(cancel);
        try
        {
            return _token is { } token && token != over ? token : (await Open(cancel)).Data.Token;
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>An agent's own key is agk2_live_TENANT.AGENT.RANDOM.CODE; an agent's id may have dots.</summary>
    /// <summary>Keys for tests begin so; tokens name their tenant before a tilde.</summary>
    [GeneratedRegex("^(?:(?:agk2_)?test_|agt_[a-z0-9-]+_t[0-9]+~)", RegexOptions.NonBacktracking)]
    private static partial Regex TestCredential();

    private static string? AgentOf(string? key) =>
        key?.Split('.') is { Length: >= 4 } parts && parts[0].StartsWith("agk2_", StringComparison.Ordinal) ? string.Join('.', parts[1..^2]) : null;
}
