using System.Text.Json;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Agents;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Users;

namespace Agora.Web;

/// <summary>
/// Whether an operator's role may do what is asked (<see cref="Operation.Least"/>), or is asked about what is its owner's own (<see cref="Operation.Owners"/>): a sponsor about its campaigns, a
/// principal about its agents, a user about itself, named in the path or by a filter of that name. Who owns a thing says the thing itself. What is another's is not there.
/// </summary>
internal sealed class Ownership(IEntities entities, TableReader tables)
{
    private const string OwnerMember = "owner";
    private const string CampaignId = "campaign_id";
    private const string AgentId = "agent_id";
    private const string UserId = "user_id";
    private const string NamesNone = "The role of this credential sees lists by the filter campaign_id, of a campaign of its own, agent_id, of an agent of its own, or user_id, of the user that it is.";

    private static readonly Rejection NoOwner = new(Codes.Forbidden, "Nothing says whose campaigns and agents this credential may see: the key's setting, or the token's claim, has to name an owner.");
    private static readonly Rejection OwnOnly = new(Codes.Forbidden, "The member owner has to be there, and to name the credential's own owner.");
    private static readonly Rejection Taken = new(Codes.Forbidden, "Somebody else has this id.");

    private static readonly Rejection NotOfUser = new(Codes.NotFound, "There is nothing of yours with this id.");

    // By what a path names: where it says whose that is. A run stands with those that wait until it has ended.
    private static readonly (string Name, Table Table, string Column)[] OfUsers =
    [
        ("session_id", UserTables.Sessions, "session_id"), ("run_id", RunTables.Runs, "run_id"), ("run_id", RunTables.Approvals, "run_id"), ("payment_id", RunTables.Runs, "payment_id"), ("refusal_id", RefusalRows.Refusals, "refusal_id"),
    ];

    // By which filter a role names in a list what it owns.
    private static readonly (Role Role, string Name)[] Filters = [(Role.Sponsor, CampaignId), (Role.Principal, AgentId), (Role.User, UserId)];

    private enum Whose
    {
        Nobodys,
        Own,
        Others,
    }

    /// <summary>Whether a query has the filter by which one of these roles names what it owns.</summary>
    public static bool IsNamed(Role roles, string query) => Array.Exists(Filters, one => roles.HasFlag(one.Role) && query.Contains($"{one.Name}=", StringComparison.Ordinal));

    /// <summary>Whether a role of this caller may call it at all. What only owners may call is about something that the path names, or lists what is their own.</summary>
    public static bool IsOpenTo(Actor actor, Operation operation) =>
        actor.Roles.Include(operation.Least) || ((actor.Roles & operation.Owners) != Role.None && (operation.ListsOwn || operation.Sheet.Ids.Count > 0));

    /// <returns>Null: it may go on. What the handler is to expect of the thing, or to narrow its list to, the call knows then.</returns>
    public async Task<Rejection?> Refusal(OperatorCall call, Operation operation)
    {
        var actor = call.Actor;
        if (actor.Roles.Include(operation.Least)) return null;

        var roles = actor.Roles & operation.Owners;
        if (roles == Role.None) return NotOf(actor, operation);
        if (actor.Owner is not { } owner) return NoOwner;

        if (operation.ListsOwn)
        {
            call.OnlyOf = owner;
            return null;
        }

        if (roles.HasFlag(Role.User) && actor.OwnerName is { } name && call.Asked(UserId) == name)
        {
            call.SetParameter(UserId, owner);
        }

        if (roles.HasFlag(Role.Sponsor) && Named(call, operation, CampaignId) is { } campaign)
        {
            return Refusal(call, operation, owner, await Campaign(call, campaign), mayMake: true, "There is no campaign of yours with this id.");
        }

        if (roles.HasFlag(Role.Principal) && Named(call, operation, AgentId) is { } agent)
        {
            return Refusal(call, operation, owner, await Agent(call, agent), mayMake: false, "There is no agent of yours with this id; an operator puts it first, with you as its owner.");
        }

        return !roles.HasFlag(Role.User) || await User(call, operation) is not { } user ? new(Codes.Forbidden, NamesNone) : user == owner ? null : NotOfUser;
    }

    /// <summary>Whose what is named is: the user's itself, or of what happened to one. Empty: it is not there. Null: nothing is named.</summary>
    private async Task<string?> User(OperatorCall call, Operation operation)
    {
        if (Named(call, operation, UserId) is { } user) return user;

        foreach (var (name, table, column) in OfUsers.Where(of => operation.Sheet.Ids.Contains(of.Name)))
        {
            if (await tables.In(call.Tenant).One(table, call.Cancel, TableReader.Is(column, call.Named(name))) is { } row) return row.Text(UserId);
        }

        return OfUsers.Any(of => operation.Sheet.Ids.Contains(of.Name)) ? "" : null;
    }

    private static Rejection NotOf(Actor actor, Operation operation) =>
        new Rejection(Codes.Forbidden, "The role of this credential may not do that.").With("roles", actor.Roles.Text()).With("needs", operation.Least.Text());

    private static string? Named(OperatorCall call, Operation operation, string name) =>
        operation.Sheet.Ids.Contains(name) ? call.Named(name) : operation.IsRead ? call.Asked(name) : null;

    /// <param name="mayMake">What is nobody's may be made. No agent: users may have let one of this id do something before there was one.</param>
    /// <param name="thing">Whose it is, and the tag that it has now; no tag: it is not there.</param>
    private static Rejection? Refusal(OperatorCall call, Operation operation, string owner, (string? Owner, string? Tag) thing, bool mayMake, string notThere)
    {
        var whose = thing.Tag is null ? Whose.Nobodys : thing.Owner == owner ? Whose.Own : Whose.Others;
        if (whose != Whose.Own && !(mayMake && operation.WantsBody)) return new(Codes.NotFound, notThere);
        if (whose == Whose.Others) return Taken;
        if (operation.Shape?.Has(OwnerMember) != true) return null;
        if (!IsGiven(call.Root, owner, operation.WantsBody)) return OwnOnly;

        call.Expected = thing.Tag is { } tag ? Precondition.IsStill(tag) : new Precondition(NoneMatch: [Precondition.Any]); // whose it is was looked at before
        return null;
    }

    private static bool IsGiven(JsonElement? body, string owner, bool mustBe) =>
        body is { ValueKind: JsonValueKind.Object } members && members.TryGetProperty(OwnerMember, out var given)
            ? given.ValueKind == JsonValueKind.String && given.ValueEquals(owner)
            : !mustBe;

    private async Task<(string? Owner, string? Tag)> Campaign(OperatorCall call, string id) => !DisplayText.IsId(id) ? default
        : (await entities.In(call.Tenant).Campaign(id).Send(new CampaignCommand.Get(), call.Fresh())).Reply is CampaignView view ? (view.Definition.Owner, view.Etag) : default;

    private async Task<(string? Owner, string? Tag)> Agent(OperatorCall call, string id) => !DisplayText.IsId(id) ? default
        : (await entities.In(call.Tenant).Agent(id).Send(new AgentCommand.Get(), call.Fresh())).Reply is AgentView view ? (view.Owner, view.Etag) : default;
}
