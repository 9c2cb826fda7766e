using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Cli.Calls;
using Agora.Cli.MovingIn.Old;
using Agora.Cli.Output;
using Agora.Cli.Profiles;

namespace Agora.Cli.MovingIn;

/// <summary>What became of a session's turns.</summary>
/// <param name="Known">Numbers here of those that stand here, from the first on.</param>
/// <param name="Added">Were added, or would be.</param>
/// <param name="Differs">The past has changed at the old side.</param>
/// <param name="Turns">In the chat, all together.</param>
internal sealed record Imported(string ChatId, IReadOnlyList<int> Known, int Added, bool Differs, int Turns);

/// <summary>A turn as it stands here.</summary>
internal sealed record NewTurn(int Number, OldTurn Turn, bool IsUnderWay);

/// <summary>Agora's side: as the agent, for each of its users. What may succeed later is asked again, for a while.</summary>
internal sealed class AgoraSide(Profile profile, MoveOptions options) : IDisposable
{
    private const string Path = "/api/v2/chat";
    private const int Tries = 8;
    private const int TokensKept = 4_096;
    private const int TokenSeconds = 3_600;

    /// <summary>Of a request: what goes beyond is sent in the next.</summary>
    private const int PartBytes = 2 << 20;
    private const int PartTurns = 1_000;

    /// <summary>Of a step that asks Agora nothing there need be no server.</summary>
    private readonly Lazy<HttpClient> _http = new(() => Caller.Client(profile));
    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> _tokens = new(StringComparer.Ordinal);

    public void Dispose()
    {
        if (_http.IsValueCreated)
        {
            _http.Value.Dispose();
        }
    }

    /// <exception cref="Formats.RefusedException">The server says why not.</exception>
    public async Task<Imported> Import(string userId, string sessionId, IReadOnlyList<OldTurn> turns, bool onlyLook, CancellationToken cancel)
    {
        var (known, added, done) = (new List<int>(), 0, 0);
        while (true)
        {
            var part = Part(turns, done);
            var body = new JsonObject
            {
                ["origin"] = options.Origin, ["origin_id"] = sessionId, ["model"] = options.Model, ["after"] = known.Count == 0 ? 0 : known[^1], ["dry_run"] = onlyLook, ["more"] = done + part.Count < turns.Count, ["on_difference"] = options.Branches ? "branch" : "refuse",
                ["turns"] = new JsonArray([.. part]),
            };
            var answer = await Asked(HttpMethod.Post, $"{Path}/imports", userId, body, cancel);
            var (here, more) = (answer.GetProperty("known").EnumerateArray().Select(static number => number.GetInt32()).ToList(), answer.GetProperty("added").GetInt32());
            var (all, differs) = (answer.GetProperty("turns").GetInt32(), answer.GetProperty("differs").GetBoolean());
            known.AddRange(here);
            if (more > 0 && !onlyLook)
            {
                known.AddRange(Enumerable.Range(all - more + 1, more));
            }

            (added, done) = (added + more, done + part.Count);
            var isStopped = here.Count < part.Count && (onlyLook || more == 0);
            if (done < turns.Count && !isStopped) continue;

            return new(answer.GetProperty("chat_id").GetString()!, known, onlyLook && isStopped && !differs ? turns.Count - known.Count : added, differs, all);
        }
    }

    /// <summary>What leads to the newest turn.</summary>
    public async Task<IReadOnlyList<NewTurn>> Newest(string userId, string chatId, int newest, CancellationToken cancel)
    {
        const int Page = 100;
        var turns = new List<NewTurn>();
        for (var total = 1; turns.Count < total;)
        {
            var page = await Asked(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"{Path}/{chatId}?branch={newest}&offset={turns.Count}&limit={Page}"), userId, null, cancel);
            total = page.GetProperty("total_count").GetInt32();
            turns.AddRange(page.GetProperty("turns").EnumerateArray().Select(static turn => new NewTurn(
                turn.GetProperty("turn").GetInt32(),
                new(turn.GetProperty("text").GetString(), turn.GetProperty("reply").GetProperty("text").GetString(), turn.GetProperty("instructions").GetString(), turn.GetProperty("said_at").GetDateTimeOffset()),
                turn.GetProperty("reply").GetProperty("state").GetString() == "under_way")));
            if (page.GetProperty("turns").GetArrayLength() == 0) break;
        }

        return turns;
    }

    /// <summary>So many turns a chat has.</summary>
    public async Task<int> Turns(string userId, string chatId, CancellationToken cancel) => (await Asked(HttpMethod.Get, $"{Path}/{chatId}?limit=1", userId, null, cancel)).GetProperty("total_count").GetInt32();

    public async Task Switch(string userId, string side, CancellationToken cancel) => await Asked(HttpMethod.Put, $"{Path}/side", userId, new() { ["side"] = side }, cancel);

    public async Task<string> SideOf(string userId, CancellationToken cancel) => (await Asked(HttpMethod.Get, $"{Path}/side", userId, null, cancel)).GetProperty("side").GetString()!;

    private static List<JsonNode> Part(IReadOnlyList<OldTurn> turns, int from)
    {
        var (part, bytes) = (new List<JsonNode>(), 0L);
        foreach (var turn in turns.Skip(from).Take(PartTurns))
        {
            var node = new JsonObject();
            if (turn.Text is { } text)
            {
                node["text"] = text;
            }

            if (turn.Reply is { } reply)
            {
                node["reply"] = reply;
            }

            if (turn.Instructions is { } instructions)
            {
                node["instructions"] = instructions;
            }

            if (turn.At is { } at)
            {
                node["at"] = at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
            }

            bytes += 2L * ((turn.Text?.Length ?? 0) + (turn.Reply?.Length ?? 0) + (turn.Instructions?.Length ?? 0));
            if (part.Count > 0 && bytes > PartBytes) break;

            part.Add(node);
        }

        return part;
    }

    private async Task<JsonElement> Asked(HttpMethod method, string path, string userId, JsonObject? body, CancellationToken cancel)
    {
        var token = Token(userId, isAnew: false, cancel);
        var (status, answer, _) = await Sent(method, path, await Opened(userId, token), body, null, cancel);
        if (status == 401)
        {
            _tokens.TryRemove(new(userId, token)); // and not the one that another has opened meanwhile
            (status, answer, _) = await Sent(method, path, await Opened(userId, Token(userId, isAnew: true, cancel)), body, null, cancel);
        }

        return Data(status, answer);
    }

    /// <summary>A session of the agent for the user, that may spend a cent at most: it is to move what was said, and calls nobody.</summary>
    /// <param name="isAnew">The one of this hour has ended.</param>
    private Lazy<Task<string>> Token(string userId, bool isAnew, CancellationToken cancel)
    {
        if (_tokens.Count > TokensKept)
        {
            _tokens.Clear();
        }

        // Lazy: two sessions of a user are moved at once, and one of them asks.
        return _tokens.GetOrAdd(userId, user => new(() => Open(user, isAnew ? $"{Guid.NewGuid():D}" : KeyOf(user), cancel)));
    }

    private async Task<string> Opened(string userId, Lazy<Task<string>> token)
    {
        try
        {
            return await token.Value;
        }
        catch
        {
            _tokens.TryRemove(new(userId, token));
            throw;
        }
    }

    /// <param name="key">The same one opens the same session.</param>
    private async Task<string> Open(string userId, string key, CancellationToken cancel)
    {
        var body = new JsonObject { ["agent_id"] = options.AgentId, ["user_id"] = userId, ["expires_in_seconds"] = TokenSeconds, ["scopes"] = new JsonObject { ["budget_limit_cents"] = 1 } };
        var (status, answer, _) = await Sent(HttpMethod.Post, "/agent/auth", profile.Credential("agentKey"), body, key, cancel);
        return Data(status, answer).GetProperty("token").GetString()!;
    }

    /// <summary>Of an hour: an agent has so many sessions of a user at a time, and each command asks for one.</summary>
    private string KeyOf(string userId) => string.Create(CultureInfo.InvariantCulture, $"move-in-{OldSession.DigestOf(Encoding.UTF8.GetBytes($"{options.AgentId}\n{userId}"))}-{DateTimeOffset.UtcNow:yyyyMMddHH}");

    private static JsonElement Data(int status, Reply? answer)
    {
        if (answer is { Data: { } data } && status < 300) return data;
        if (answer is not { Refusal: { } refusal }) throw new CliException(ExitCodes.OfStatus(status), $"The server answered {status}.");

        var said = new StringWriter(CultureInfo.InvariantCulture);
        Refusals.Write(said, refusal);
        throw status is 401 or 403 || status >= 500 ? new CliException(ExitCodes.OfStatus(status), said.ToString().TrimEnd()) : new Formats.RefusedException(said.ToString().ReplaceLineEndings(" ").Trim());
    }

    private async Task<(int Status, Reply? Answer, TimeSpan? After)> Sent(HttpMethod method, string path, string credential, JsonObject? body, string? key, CancellationToken cancel)
    {
        for (var @try = 1; ; @try++)
        {
            try
            {
                using var message = new HttpRequestMessage(method, Caller.At(profile.Address, path)) { Headers = { Authorization = new("Bearer", credential) } };
                message.Headers.UserAgent.Add(new ProductInfoHeaderValue("agora-cli", null));
                if (body is not null)
                {
                    message.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
                }

                if (key is not null)
                {
                    message.Headers.Add(ApiOperation.KeyHeader, key);
                }

                using var reply = await _http.Value.SendAsync(message, cancel);
                var (status, text) = ((int)reply.StatusCode, await reply.Content.ReadAsStringAsync(cancel));
                var mayBeOtherLater = status is 429 or >= 500 || reply.Headers.RetryAfter is not null; // an opening that somebody else has under way, too
                if (!mayBeOtherLater || @try == Tries) return (status, Reply.Parse(new(status, text, null)), null);

                await Task.Delay(reply.Headers.RetryAfter?.Delta ?? Pause(@try), cancel);
            }
            catch (Exception e) when (Caller.IsAway(e, cancel))
            {
                if (@try == Tries) throw Caller.NoServer(profile, e);

                await Task.Delay(Pause(@try), cancel);
            }
        }
    }

    private static TimeSpan Pause(int @try) => TimeSpan.FromMilliseconds(100 << Math.Min(@try, 6));
}
