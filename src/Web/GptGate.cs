using System.Globalization;
using System.Text;
using System.Text.Json;
using Agora.Application.Calls;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Sessions;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Agora.Grains.Clocks;

namespace Agora.Web;

/// <summary>
/// What all of /gpt shares, in the order of refusals: the chat's key, the rate of all that it asks for, the body, the person's session, which the request names; from there on it is an agent's call.
/// <para>A chat sends no Idempotency-Key. One is derived of what is asked for, so the same asked for again, however it is spelled, is done and paid once; another <c>request_id</c> makes it
/// another. A request that was refused came to nothing: its repeat is one anew, under the next key.</para>
/// </summary>
internal sealed class GptGate(GptTokens tokens, DerivedKeys keys, DerivedAttempts attempts, TableReader tables, AgentGate agents, SessionOwners owners, WrongKeys wrongKeys, ApiOptions options, TenantTimes times)
{
    public static readonly RequiredCredential Required = new("A chat's key is required: Authorization: Bearer …");
    private static readonly Rejection NoSession = new(Codes.Unauthorized, "session_token is missing, or is none of this key's: POST /gpt/auth gives one.");

    private readonly Dictionary<AccessKey, TokenBucket> _rates = options.GptKeys.ToDictionary(key => key, _ => new TokenBucket(options.GptRatePerMinute, times.World), (IEqualityComparer<AccessKey>)ReferenceEqualityComparer.Instance);

    public Func<Request, Task<Reply>> Guard<T>(Operation<T> operation, Func<KeyCall, T, Task<Reply>> handler)
    {
        return request => Enter(request, operation, Act);

        Task<Reply> Act(Request request, AccessKey key, Received received) =>
            Once(request, operation, key.Tenant, HolderOf(key).Credential, received, one => new KeyCall(request, HolderOf(key), static () => Task.FromResult<Rejection?>(null), one, times.Of(key.Tenant), options).Handle(operation, handler));
    }

    public Func<Request, Task<Reply>> Guard<T>(Operation<T> operation, Func<AgentCall, T, Task<Reply>> handler)
    {
        return request => Enter(request, operation, Act);

        async Task<Reply> Act(Request request, AccessKey key, Received received)
        {
            if (received.Findings.Refusal is { } unread) return Reply.Refused(unread);
            if (await Session(request, key, operation, received) is not { } session) return Reply.Refused(NoSession);

            var owner = await owners.Of(session);
            return await Once(request, operation, session.Tenant, session.Id, received, one => AgentGate.Act(new AgentCall(request, operation, session, owner, one, taken: null, agents), operation, handler));
        }
    }

    private async Task<Reply> Enter(Request request, Operation operation, Func<Request, AccessKey, Received, Task<Reply>> act)
    {
        var presented = request.Bearer.ToString();
        var reply = Credentials.Find(presented, options.GptKeys) is not { } key ? Reply.Refused(await wrongKeys.Refuse(request, "gpt", presented, Required))
            : _rates[key].Take() is { } wait ? Reply.Refused(TooMany(wait))
            : await Admitted(request, operation, key with { Tenant = (await times.Current(key.Tenant))! }, act); // settings name no generation, so it is that of now
        return Plain(reply, operation);
    }

    private static async Task<Reply> Admitted(Request request, Operation operation, AccessKey key, Func<Request, AccessKey, Received, Task<Reply>> act)
    {
        request.Mark(key.Tenant);
        var received = await Received.Of(request, operation, new(key.Tenant.Name, key.Name));
        using (received.Body)
        {
            return await act(request, key, received);
        }
    }

    private static Rejection TooMany(TimeSpan wait) =>
        new(Codes.RateLimited, "This chat asks for more than its rate, which all that it asks for shares.", RetryAfterSeconds: Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)));

    /// <summary>The chat is the agent of its key's name, and acts by grants only.</summary>
    private static KeyHolder HolderOf(AccessKey key) => new(key.Tenant, $"{Openers.Gpt}:{key.Name}", key.Name, Openers.Gpt);

    /// <summary>A token that nobody gave is of no session that there is: it is looked up, so that no entity comes to life for it.</summary>
    private async Task<SessionOf?> Session(Request request, AccessKey key, Operation operation, Received received)
    {
        var token = operation.IsRead ? request.Query.GetValueOrDefault(GptTokens.Member) is [{ } asked] ? asked : null
            : received.Body.Root is { ValueKind: JsonValueKind.Object } body && body.TryGetProperty(GptTokens.Member, out var sent) && sent.ValueKind == JsonValueKind.String ? sent.GetString()
            : null;
        return token is not null && tokens.Read(key.Tenant, key.Name, token) is { } id
            && await tables.In(key.Tenant).One(UserTables.Sessions, request.Ended, TableReader.Is("session_id", id)) is { } row && row.Text("agent_id") == key.Name
            ? new(key.Tenant, id)
            : null;
    }

    private Task<Reply> Once(Request request, Operation operation, Tenant tenant, string credential, Received received, Func<Received, Task<Reply>> act) => operation.IsRead ? act(received) : attempts.Make(
        tenant,
        credential,
        attempt => KeyOf(request, operation, received.Body.Root, attempt),
        key => act(received with { Key = key, Hash = key }),
        static reply => reply is { Replayed: true, Refusal: not null },
        request.Ended);

    /// <summary>In the namespace of its session, or of the chat. Of what is asked for, and not of how: neither the path's spelling nor a member that is null says anything.</summary>
    private string KeyOf(Request request, Operation operation, JsonElement? body, int attempt)
    {
        var ids = string.Join('\n', operation.Sheet.Ids.Select(request.PathValue));
        var said = body is { ValueKind: JsonValueKind.Object } whole && operation.KeyedBy is { } names ? JsonSerializer.SerializeToElement(whole.EnumerateObject().Where(member => names.Contains(member.Name)).ToDictionary(static member => member.Name, static member => member.Value)) : body;
        var asked = string.Create(CultureInfo.InvariantCulture, $"{operation.Endpoint}\n{ids}\n{(said is { } root ? CanonicalJson.Hash(root, withNulls: false) : "")}\n{attempt}");
        return keys.Of(Encoding.UTF8.GetBytes(asked)); // as hashes of bodies are kept
    }

    /// <summary>Without what is for programs that follow next actions.</summary>
    private static Reply Plain(Reply reply, Operation operation) => reply with
    {
        NextActions = [], Allowance = null, Payment = null, Replayed = false, Location = null, NextCursor = null,
        UntrustedFields = reply.Refusal is { } refused ? ForeignText.In(refused, operation.HeldAgainst) : reply.UntrustedFields,
    };
}
