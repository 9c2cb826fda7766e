using System.Text.Json;
using Agora.Api.Sessions;
using Agora.Application.Calls;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Grains.Clocks;
using Agora.Web;

namespace Agora.Api.Mcp;

/// <summary>
/// The session in which an agent's key makes its calls: one per key, for the user that the key is bound to. It is opened as any session is, under an Idempotency-Key that is derived from the day and from the key's
/// session before it on that day, so every process opens the same session. A session continues past midnight and lasts at most a day, so yesterday's sessions are looked for first. The cache here only saves calls.
/// </summary>
internal sealed class KeySessions(KeyHolders holders, InnerCalls inner, IJournalReader journal, TenantTimes times)
{
    private static readonly Rejection Unbound = new(
        Codes.Unauthorized, "The agent's key is bound to no user, so nobody says for whom it calls. Have one issued by POST /admin/agents/{agent_id}/keys with user_id, or authenticate at POST /agent/auth and send the session's token.");

    private readonly Remembered<string, KeyBearer> _opened = new(Limits.McpKeysKept);

    /// <param name="Day">The day on which the session was opened.</param>
    private sealed record KeyBearer(SessionOf Session, string Token, DateOnly Day) : Bearer(Session, Token);

    /// <summary>Whether the key has opened a session at this process.</summary>
    public bool IsOpen(string key) => _opened.Has(Credentials.HexHash(key));

    /// <param name="over">The session that has ended, as it was given here; null: none is known to.</param>
    public async Task<(Bearer? Bearer, Reply? Refused)> Open(ParentRequest parent, Bearer? over, CancellationToken cancel)
    {
        var key = parent.Bearer;
        var name = Credentials.HexHash(key);
        if (_opened.Of(name) is { } known && known != over) return (known, null);

        var (holder, refused) = await holders.Identify(key, cancel);
        if (refused is not null || holder!.UserId is null) return (null, Reply.Refused(refused ?? Unbound));

        var (day, under) = await Next((KeyBearer?)over);
        var body = JsonSerializer.SerializeToUtf8Bytes(new { agent_id = holder.AgentId, user_id = holder.UserId });
        var reply = await Ask();
        for (var waited = TimeSpan.Zero; reply.Code == Codes.IdempotencyInFlight && waited < Limits.McpKeyWait; waited += Limits.McpKeyPause)
        {
            await Task.Delay(Limits.McpKeyPause, times.World, cancel); // whoever calls at the same time is opening it
            reply = await Ask();
        }

        if (reply.Data is not AuthData session) return (null, reply);

        return (_opened.Keep(name, new KeyBearer(new(holder.Tenant, session.SessionId), session.Token, day)), null);

        Task<Reply> Ask() => inner.Send(new(parent, AuthEndpoints.Auth, key, [], body) { Key = under, Cancel = cancel });

        async Task<(DateOnly Day, string Under)> Next(KeyBearer? ended)
        {
            var today = DateOnly.FromDateTime(times.Now(holder.Tenant).UtcDateTime);
            if (ended?.Day == today || await Exists(Under(today, null))) return (today, Under(today, ended?.Day == today ? ended : null));

            var yesterday = today.AddDays(-1);
            var before = Under(yesterday, ended?.Day == yesterday ? ended : null);
            return await Exists(before) ? (yesterday, before) : (today, Under(today, null));
        }

        string Under(DateOnly on, KeyBearer? after) => Credentials.HexHash($"mcp {name} {on:O} {after?.Session.Id}");

        Task<bool> Exists(string under) => journal.IsKeyed(holder.Tenant, holder.Credential, under, cancel);
    }
}
