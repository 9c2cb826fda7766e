using Agora.Contracts;
using Agora.Core;
using Agora.Core.Agents;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Core.Users;
using Agora.Simulation.Checks;

namespace Agora.Simulation.Clients;

/// <summary>
/// Operators who edit users, grants, agents, services and campaigns, often the same one at once: with the tag that they have just read, with an old one, with none, and by
/// merging, which reads anew when it is overtaken and asks first what became of it when no answer came.
/// </summary>
public sealed class EditClient(Tenant tenant) : Caller(tenant, new Random(unchecked((tenant.Cluster.Options.Seed * 61) + 19 + (1_000_003 * tenant.Number))))
{
    private const string Credential = "editor";
    private const int MostMerges = 6;

    /// <summary>Whoever comes later than that is still on its way when all else has come to rest.</summary>
    private static readonly TimeSpan LateAtMost = TimeSpan.FromSeconds(40);
    private static readonly Precondition IsNew = new(NoneMatch: [Precondition.Any]);
    private static readonly Precondition IsThere = new([Precondition.Any]);

    public async Task Live()
    {
        while (await GoesOn(4 * Cluster.Options.Think))
        {
            await (Random.Next(5) switch
            {
                0 => Edit(User(Any(Tenant.Catalogue.Users))),
                1 => EditGrant(Any(Tenant.Catalogue.Users), Any(Tenant.Catalogue.Agents)),
                2 => Edit(Agent(Any(Tenant.Catalogue.Agents))),
                3 => Edit(Service(Any(Tenant.Catalogue.Services).ServiceId)),
                _ => Edit(Campaign(Any([.. Tenant.Catalogue.Campaigns]))),
            });
        }
    }

    private async Task EditGrant(string user, string agent)
    {
        var grant = Grant(user, agent);
        if (Random.Next(8) > 0)
        {
            await Edit(grant);
        }
        else if (await Read(grant) is { } read)
        {
            await Send(grant, new UserCommand.EndGrant(agent, Precondition.IsStill(read.Tag)), NewSending(), Expects.What, Edits.Text(read.Definition), null);
            await Until(() => Put(grant, Catalogue.NewGrant(Random, Tenant.Now, Cluster.Options), IsNew, Expects.What, null)); // who is refused finds another's there
        }
    }

    private async Task Edit<TCommand, TDefinition>(Editable<TCommand, TDefinition> thing)
        where TCommand : class
    {
        if (await Read(thing) is not { } read) return;

        var (still, before, definition) = (Precondition.IsStill(read.Tag), Edits.Text(read.Definition), read.Definition);
        await (Random.Next(10) switch
        {
            < 3 => Task.WhenAll(Merge(thing), Random.Next(2) == 0 ? Merge(thing) : Task.CompletedTask),
            < 6 => Task.WhenAll(Enumerable.Range(0, Random.Next(1, 4)).Select(_ => Put(thing, Changed(), still, Expects.What, before)).ToList()),
            6 => Late(),
            7 => Put(thing, Changed(), IsNew, Expects.What, null),
            8 => Put(thing, Changed(), IsThere, Expects.Something, null),
            _ => Put(thing, Changed(), null, Expects.Anything, null),
        });

        TDefinition Changed() => thing.Change(definition, Random);

        async Task Late()
        {
            await Pause(20 * Cluster.Options.Think < LateAtMost ? 20 * Cluster.Options.Think : LateAtMost);
            await Put(thing, Changed(), still, Expects.What, before);
        }
    }

    /// <summary>As the API carries out a PATCH.</summary>
    private async Task Merge<TCommand, TDefinition>(Editable<TCommand, TDefinition> thing)
        where TCommand : class
    {
        var sending = NewKeyed(Credential);
        for (var round = 0; round < MostMerges && await Read(thing) is { } read; round++)
        {
            var changed = thing.Change(read.Definition, Random);
            var answer = await Send(thing, thing.Put(changed, new(Precondition.IsStill(read.Tag))), sending, Expects.What, Edits.Text(read.Definition), Edits.Text(changed));
            if (answer is null ? await IsKnown(thing, sending) : answer.Rejection?.Code != Codes.PreconditionFailed) return;
        }
    }

    private async Task<bool> IsKnown<TCommand, TDefinition>(Editable<TCommand, TDefinition> thing, Sending sending)
        where TCommand : class
    {
        try
        {
            return await thing.Entity.Outcome(new(sending.CommandId, null, sending.Key! with { RequestId = Tenant.NewId() })) is not null;
        }
        catch (OperatingException)
        {
            return false; // nobody knows; merged anew it is the same command, which is carried out once
        }
    }

    private Task<Answer?> Put<TCommand, TDefinition>(Editable<TCommand, TDefinition> thing, TDefinition definition, Precondition? when, Expects expects, string? before)
        where TCommand : class =>
        Send(thing, thing.Put(definition, new(when)), Random.Next(2) == 0 ? NewSending() : NewKeyed(Credential), expects, before, Edits.Text(definition));

    private async Task<Answer?> Send<TCommand, TDefinition>(Editable<TCommand, TDefinition> thing, TCommand command, Sending sending, Expects expects, string? before, string? after)
        where TCommand : class
    {
        var edit = new Edit(thing.Name, sending.CommandId, expects, before, after);
        Cluster.History.CatchUp();
        var place = Tenant.Edits.Sent(edit);
        var answer = await Ask(thing.Entity, command, sending, $"An edit of {thing.Name}", given => given.Reply is not null && Count(Cluster.History) > 0 ? Count : null);
        if (answer?.Rejection?.Code == Codes.PreconditionFailed)
        {
            Cluster.History.CatchUp();
            Tenant.Edits.Refused(edit, place);
        }

        return answer;

        int Count(History history)
        {
            history.CatchUp();
            return history.Count<object>(thing.Entity.Stream, (e, c) => c.CommandId == sending.CommandId && Edits.IsEdit(e));
        }
    }

    private async Task<(string Tag, TDefinition Definition)?> Read<TCommand, TDefinition>(Editable<TCommand, TDefinition> thing)
        where TCommand : class =>
        await Ask(thing.Entity, thing.Get, NewSending(), $"Reading {thing.Name}", static _ => null) is { Reply: { } view } ? thing.Read(view) : null;

    /// <summary>One change leaves the caps of parts out, as a put may, and the other keeps them, as a merge does.</summary>
    private Editable<UserCommand, UserTerms> User(string user) => new(
        Edits.Thing(Stream(Kinds.User, user)), Entities.User(user), new UserCommand.Get(),
        static view => view is UserView { Profile: not null } found ? (found.Etag, new(found.Profile, found.DailyCapMicros, found.MonthlyCapMicros, found.Parts)) : null,
        static (terms, random) => random.Next(2) == 0 ? terms with { DailyCapMicros = Amount(random), Parts = null } : terms with { MonthlyCapMicros = Amount(random) },
        static (terms, replacing) => new UserCommand.PutUser(terms.Profile!, terms.DailyCapMicros, terms.MonthlyCapMicros, replacing, terms.Parts));

    private Editable<UserCommand, Grant> Grant(string user, string agent) => new(
        Edits.Thing(Stream(Kinds.User, user), agent), Entities.User(user), new UserCommand.Get(),
        view => view is UserView found && found.Grants.FirstOrDefault(grant => grant.AgentId == agent) is { } there ? (there.Etag, there.Grant) : null,
        static (grant, random) => random.Next(2) == 0 ? grant with { BudgetLimitMicros = Amount(random) } : grant with { TotalLimitMicros = Amount(random) },
        (grant, replacing) => new UserCommand.PutGrant(agent, grant, replacing));

    private Editable<AgentCommand, string> Agent(string agent) => new(
        Edits.Thing(Stream(Kinds.Agent, agent)), Entities.Agent(agent), new AgentCommand.Get(),
        static view => view is AgentView found ? (found.Etag, found.Owner ?? "") : null,
        static (_, random) => $"owner-{random.Next(1, 1_000)}",
        static (owner, replacing) => new AgentCommand.PutAgent(owner, replacing));

    private Editable<ServiceCommand, ServiceDefinition> Service(string service) => new(
        Edits.Thing(Stream(Kinds.Service, service)), Entities.Service(service), new ServiceCommand.Get(),
        static view => view is ServiceView found ? (found.Etag, found.Definition) : null,
        static (definition, random) => definition with { Description = $"A service, described for the {random.Next(1, 1_000)}th time." },
        static (definition, replacing) => new ServiceCommand.PutService(definition, null, replacing));

    private Editable<CampaignCommand, CampaignDefinition> Campaign(string campaign) => new(
        Edits.Thing(Stream(Kinds.Campaign, campaign)), Entities.Campaign(campaign), new CampaignCommand.Get(),
        static view => view is CampaignView found ? (found.Etag, found.Definition) : null,
        static (definition, random) => definition with { DailyCapMicros = Amount(random) },
        static (definition, replacing) => new CampaignCommand.PutCampaign(definition, replacing));

    private static long Amount(Random random) => random.Next(10, 200) * 10_000;

    /// <summary>One thing that operators put.</summary>
    /// <param name="Read">Of a view; null: it is not there.</param>
    private sealed record Editable<TCommand, TDefinition>(
        string Name, EntityRef<TCommand> Entity, TCommand Get, Func<object, (string Tag, TDefinition Definition)?> Read, Func<TDefinition, Random, TDefinition> Change, Func<TDefinition, Replacing, TCommand> Put)
        where TCommand : class;
}
