using System.Globalization;
using System.Text.Json;

namespace Agora.Client.Http;

/// <summary>What an agent finds, does, runs, pays and gives on.</summary>
public sealed partial class AgoraAgent
{
    private static readonly TimeSpan LookAtMost = TimeSpan.FromSeconds(10);

    /// <summary>Services in scope, ranked, page after page.</summary>
    public IAsyncEnumerable<ServiceData> Services(string? q = null, string? category = null, string? provider = null, decimal? maxPriceCents = null, bool sponsored = false, int pageSize = 100, CancellationToken cancel = default) =>
        List<ServiceData>("/agent/services", cancel, new("q", q), new("category", category), new("provider", provider), new("max_price_cents", maxPriceCents), new("sponsored", sponsored ? true : null), new("limit", pageSize));

    public IAsyncEnumerable<TaskData> Tasks(CancellationToken cancel = default) => List<TaskData>("/agent/tasks", cancel);

    public Task<Reply<TaskDetailData>> GetTask(string campaignId, CancellationToken cancel = default) => Send<TaskDetailData>(HttpMethod.Get, $"/agent/tasks/{Id(campaignId)}", cancel: cancel);

    /// <summary>Has the task's reward held until it is done.</summary>
    public Task<Reply<ClaimData>> Claim(string campaignId, string? key = null, CancellationToken cancel = default) => Send<ClaimData>(HttpMethod.Post, $"/agent/tasks/{Id(campaignId)}/claim", key: key, cancel: cancel);

    /// <param name="consents">Names of those that the user has given.</param>
    public Task<Reply<CompletedData>> Complete(string campaignId, object output, IEnumerable<string>? consents = null, string? key = null, CancellationToken cancel = default) =>
        Send<CompletedData>(HttpMethod.Post, $"/agent/tasks/{Id(campaignId)}/complete", new { output, consents = (consents ?? []).Select(type => new { type, granted = true }) }, key, cancel: cancel);

    /// <summary>
    /// Runs a service, and waits for it. What is not over then comes with its state, pending or awaiting_approval, and <see cref="WaitFor"/> goes on. A run that failed throws; it
    /// cost nothing.
    /// </summary>
    public async Task<Reply<RunData>> Run(string serviceId, object input, RunOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new();
        var body = new { input, max_price_cents = options.MaxPriceCents, pay_with = options.PayWith, campaign_id = options.CampaignId };
        var reply = await Send<RunData>(HttpMethod.Post, $"/agent/services/{Id(serviceId)}/run", body, options.Key, options.Wait > TimeSpan.Zero ? null : "respond-async", cancel);
        return reply.Status == 202 && options.Wait > TimeSpan.Zero ? await WaitFor(reply.Data.RunId, options.Wait, cancel) : reply;
    }

    /// <summary>The run when it is over, or as it is after so long. The server holds each look until something has changed.</summary>
    public async Task<Reply<RunData>> WaitFor(string runId, TimeSpan? wait = null, CancellationToken cancel = default)
    {
        var (time, most) = (_options.Time, wait ?? TimeSpan.FromSeconds(60));
        for (var began = time.GetTimestamp(); ;)
        {
            var looked = time.GetTimestamp();
            var hold = Least(LookAtMost, most - time.GetElapsedTime(began, looked));
            var reply = await Send<RunData>(HttpMethod.Get, $"/agent/runs/{Id(runId)}", prefer: string.Create(CultureInfo.InvariantCulture, $"wait={(int)Math.Max(0, hold.TotalSeconds)}"), cancel: cancel);
            if (reply.Data.State is "failed" or "cancelled") throw new RunFailedException(reply);

            var left = most - time.GetElapsedTime(began);
            if (reply.Data.State is not ("pending" or "awaiting_approval") || left <= TimeSpan.Zero) return reply;
            if (time.GetElapsedTime(looked) < TimeSpan.FromSeconds(1))
            {
                await Task.Delay(Least(left, reply.RetryAfter ?? TimeSpan.FromSeconds(1)), time, cancel);
            }
        }
    }

    /// <summary>Takes a run back before it has its output.</summary>
    public Task<Reply<RunData>> Cancel(string runId, string? key = null, CancellationToken cancel = default) => Send<RunData>(HttpMethod.Post, $"/agent/runs/{Id(runId)}/cancel", key: key, cancel: cancel);

    public IAsyncEnumerable<RunSummaryData> Runs(CancellationToken cancel = default) => List<RunSummaryData>("/agent/runs", cancel);

    public Task<Reply<WalletData>> Wallet(CancellationToken cancel = default) => Send<WalletData>(HttpMethod.Get, "/agent/wallet", cancel: cancel);

    public IAsyncEnumerable<EntryData> Statement(CancellationToken cancel = default) => List<EntryData>("/agent/wallet/statement", cancel);

    /// <summary>Pays another wallet. One that is not decided yet comes with its state; <see cref="WaitFor"/> tells the end.</summary>
    public Task<Reply<TransferData>> Transfer(string to, decimal amountCents, string memo = "", string? key = null, CancellationToken cancel = default) =>
        Send<TransferData>(HttpMethod.Post, "/agent/wallet/transfer", new { to, amount_cents = amountCents, memo }, key, cancel: cancel);

    /// <summary>The signed receipt of a run, checked with the key set.</summary>
    /// <exception cref="ReceiptInvalidException">It is not what it says it is, or another run's.</exception>
    public async Task<Receipt> Receipt(string runId, CancellationToken cancel = default)
    {
        var token = (await Send<ReceiptData>(HttpMethod.Get, $"/agent/runs/{Id(runId)}/receipt", cancel: cancel)).Data.Receipt;
        var claims = await Checked(token, cancel);
        return claims.GetProperty("run_id").GetString() == runId ? new(token, claims) : throw new ReceiptInvalidException("It is another run's.");
    }

    /// <summary>The server's public keys: to be kept, and used offline.</summary>
    public async Task<JsonElement> Jwks(bool fresh = false, CancellationToken cancel = default)
    {
        if (!fresh && _jwks is { } known) return known;

        var read = (await _http.Send<JsonElement>(new(HttpMethod.Get, "/.well-known/jwks.json", null), cancel)).Data;
        _jwks = read;
        return read;
    }

    /// <summary>A sub-session for another agent, within this one, which ends with its time.</summary>
    public async Task<AgoraAgent> Delegate(string agentId, Scopes? scopes = null, int? expiresInSeconds = null, string? key = null, CancellationToken cancel = default)
    {
        var opened = (await Send<DelegatedData>(HttpMethod.Post, "/agent/session/delegate", new { agent_id = agentId, scopes, expires_in_seconds = expiresInSeconds }, key, cancel: cancel)).Data;
        return new(_options with { Url = _http.Url, Key = null, AgentId = agentId, UserId = opened.UserId, Token = opened.Token });
    }

    public Task<Reply<TreeData>> Tree(CancellationToken cancel = default) => Send<TreeData>(HttpMethod.Get, "/agent/session/tree", cancel: cancel);

    public Task<Reply<FlowData>> Status(CancellationToken cancel = default) => Send<FlowData>(HttpMethod.Get, "/agent/flow/status", cancel: cancel);

    public IAsyncEnumerable<ConsentData> Consents(CancellationToken cancel = default) => List<ConsentData>("/agent/consents", cancel);

    public Task<Reply<WithdrawnData>> Withdraw(string consentId, string? key = null, CancellationToken cancel = default) => Send<WithdrawnData>(HttpMethod.Delete, $"/agent/consents/{Id(consentId)}", key: key, cancel: cancel);

    public IAsyncEnumerable<AuditEntryData> History(int pageSize = 100, CancellationToken cancel = default) => List<AuditEntryData>("/agent/audit/history", cancel, new KeyValuePair<string, object?>("limit", pageSize));

    /// <summary>
    /// Does one of <see cref="NextActions"/>: its own key, its body as far as it is prefilled, and of <paramref name="words"/> what the body's schema asks for. It waits until the
    /// action would succeed.
    /// </summary>
    /// <exception cref="TimeoutException">That is behind the deadline.</exception>
    public async Task<Reply<JsonElement>> Follow(NextAction action, IReadOnlyDictionary<string, object>? words = null, CancellationToken cancel = default)
    {
        if (action.NotBefore is { } at && at - _options.Time.GetUtcNow() is var wait && wait > TimeSpan.Zero)
        {
            if (wait > _options.Retry.Deadline) throw new TimeoutException($"{action.Action} would succeed at {at:O}.");
            await Task.Delay(wait, _options.Time, cancel);
        }

        var body = action.Body is { ValueKind: JsonValueKind.Object } prefilled ? prefilled.EnumerateObject().ToDictionary(member => member.Name, object (member) => member.Value) : null;
        if (action.SchemaRef is { } reference)
        {
            var schema = (await Send<JsonElement>(HttpMethod.Get, reference.GetProperty("url").GetString()!, cancel: cancel)).Data.GetProperty("schema");
            body ??= [];
            foreach (var (name, value) in words ?? new Dictionary<string, object>())
            {
                if (schema.TryGetProperty("properties", out var members) && members.TryGetProperty(name, out _))
                {
                    body.TryAdd(name, value);
                }
            }
        }

        var query = action.Params is { Count: > 0 } parameters ? $"?{string.Join('&', parameters.Select(one => $"{one.Key}={Uri.EscapeDataString(one.Value)}"))}" : "";
        return await Send<JsonElement>(new(action.Method), action.Endpoint + query, body, action.IdempotencyKey, cancel: cancel);
    }

    /// <summary>A key may be newer than the set.</summary>
    private async Task<JsonElement> Checked(string token, CancellationToken cancel)
    {
        try
        {
            return Receipts.Verify(token, await Jwks(cancel: cancel), test: IsTest);
        }
        catch (ReceiptInvalidException)
        {
            return Receipts.Verify(token, await Jwks(fresh: true, cancel), test: IsTest);
        }
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static string Id(string text) => Uri.EscapeDataString(text).Replace("%3A", ":", StringComparison.Ordinal);
}
