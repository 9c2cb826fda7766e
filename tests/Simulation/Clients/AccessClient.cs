using Agora.Contracts;
using Agora.Core;
using Agora.Core.Agents;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;

namespace Agora.Simulation.Clients;

/// <summary>An operator who takes things from agents while their sessions live: keys, grants, sessions; who pauses users and stops agents, and lets them go on.</summary>
public sealed class AccessClient(Tenant tenant) : Caller(tenant)
{
    private const string Credential = "access";
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(6);

    public async Task Live()
    {
        foreach (var agent in Tenant.Catalogue.Agents)
        {
            await Issue(agent);
        }

        while (await GoesOn(12 * Cluster.Options.Think))
        {
            await Act(Any(Tenant.Catalogue.Users), Any(Tenant.Catalogue.Agents));
        }
    }

    private Task Act(string user, string agent) => Random.Next(100) switch
    {
        < 30 => Revoke(agent),
        < 45 => Issue(agent),
        < 60 => PauseUser(user),
        < 70 => Stop(agent),
        < 80 => EndGrant(user, agent),
        _ => EndSession(),
    };

    private async Task Issue(string agent)
    {
        var hash = Tenant.NewId().ToString("N") + Tenant.NewId().ToString("N");
        var answer = await Ask(Entities.Agent(agent), new AgentCommand.IssueKey(hash, null), NewKeyed(Credential), $"A key for {agent}", given => given.Reply is KeyIssued issued
            ? history => history.Count<AgentEvent.KeyIssued>(Stream(Kinds.Agent, agent), (e, _) => e.KeyId == issued.KeyId && e.Hash == hash)
            : null);
        if (answer?.Reply is KeyIssued key)
        {
            Tenant.AgentKeys.Add(agent, new(key.KeyId, hash));
        }
    }

    private async Task Revoke(string agent)
    {
        if (Tenant.AgentKeys.Of(agent) is not { Count: > 0 } keys) return;

        var key = Any(keys);
        var answer = await Ask(Entities.Agent(agent), new AgentCommand.RevokeKey(key.KeyId), NewKeyed(Credential), $"Revoking a key of {agent}", given => given.Reply is KeyRevoked
            ? history => history.Count<AgentEvent.KeyRevoked>(Stream(Kinds.Agent, agent), (e, _) => e.KeyId == key.KeyId)
            : null);
        if (answer is not null)
        {
            Tenant.AgentKeys.Remove(agent, key);
            await Issue(agent);
        }
    }

    private async Task PauseUser(string user)
    {
        await Change<UserEvent.UserPaused, UserCommand>(Entities.User(user), new UserCommand.Pause("Wait."), Credential, $"Pausing {user}");
        await Pause(Away);
        await Until(() => Change<UserEvent.UserUnpaused, UserCommand>(Entities.User(user), new UserCommand.Unpause("Go on."), Credential, $"Letting {user} go on"));
    }

    private async Task Stop(string agent)
    {
        await Change<AgentEvent.Stopped, AgentCommand>(Entities.Agent(agent), new AgentCommand.Stop("Wait."), Credential, $"Stopping {agent}");
        await Pause(Away);
        await Until(() => Change<AgentEvent.Started, AgentCommand>(Entities.Agent(agent), new AgentCommand.Start("Go on."), Credential, $"Starting {agent}"));
    }

    private async Task EndGrant(string user, string agent)
    {
        await Change<UserEvent.GrantEnded, UserCommand>(Entities.User(user), new UserCommand.EndGrant(agent), Credential, $"Ending the grant of {user} to {agent}");
        await Pause(Away);
        await Until(() => Change<UserEvent.GrantPut, UserCommand>(
            Entities.User(user), new UserCommand.PutGrant(agent, Catalogue.NewGrant(Random, Tenant.Now, Cluster.Options)), Credential, $"Another grant of {user} to {agent}"));
    }

    private async Task EndSession()
    {
        var sessions = Cluster.History.Streams.Values.Where(log => log.Stream.Kind == Kinds.Session && log.Stream.Tenant == Tenant.Name).Select(log => log.Stream.Id).TakeLast(40).ToList();
        if (sessions.Count > 0)
        {
            await Change<SessionEvent.EndedFor, LeafCommand>(
                Entities.Session(Any(sessions)), new SessionCommand.EndByOperator("DELETE /admin/sessions/{id}", "operator", "Enough."), Credential, "The end of a session by an operator");
        }
    }
}
