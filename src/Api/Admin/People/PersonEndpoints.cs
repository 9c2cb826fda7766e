using System.Text.Json.Nodes;
using Agora.Api.Desk;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.People;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Admin.People;

/// <summary>People who sign in at the console with a password: who there are, what each may, and the code with which one chooses it, at first and when it is lost.</summary>
internal sealed class PersonEndpoints(IEntities entities, TableReader tables) : IFeature
{
    public static readonly Operation<PersonRequest> Put = new(Audience.Operators, "put_person", "PUT /admin/people/{person_id}", "Put a person who signs in at the console with a password, and what it may; a code of issue_person_code lets it choose the password")
    {
        Least = Role.Admin,
        Read = PersonRequest.Read,
        Data = typeof(PersonData),
        Codes = AdminFlow.Mutation,
        BodyExample = """{"role":"operator"}""",
        DataExample = PersonData.Example,
    };

    public static readonly Operation<string> Get = One("get_person", "GET /admin/people/{person_id}", "A person who signs in with a password, as it is now", []);

    public static readonly Operation<Page> List = new(Audience.Operators, "list_people", "GET /admin/people", "List people who sign in with a password")
    {
        ListsIds = ["person_id"],
        Least = Role.Admin,
        Read = static call => call.Query.Page(),
        Data = typeof(PeopleData),
        DataExample = $$"""{"people":[{{PersonData.Example}}],"total_count":1,"total_count_unknown":null,"offset":0,"limit":50}""",
    };

    public static readonly Operation<string> Issue = new(Audience.Operators, "issue_person_code", "POST /admin/people/{person_id}/code", "Give a person a code, good once and for a day, with which it chooses a password and loses its second factor; a replay shows one_time_code as null")
    {
        Least = Role.Admin,
        GivesSecret = true,
        Read = static call => call.Id("person_id"),
        Data = typeof(IssuedCodeData),
        Status = StatusCodes.Status201Created,
        Codes = AdminFlow.Mutation,
        DataExample = """{"person_id":"ann","sign_in_name":"ann","one_time_code":"apc_3q2-7w","choose_at":"https://agora.example/console/password","until":"2030-01-02T00:00:00.000000Z"}""",
    };

    public static readonly Operation<string> SignOut = One("sign_out_person", "POST /admin/people/{person_id}/sign-out", "Sign a person out of every browser; it may sign in again", AdminFlow.Mutation);

    public static readonly Operation<string> Disable = One("disable_person", "POST /admin/people/{person_id}/disable", "Keep a person out: it is signed out of every browser, and signs in no more", AdminFlow.Mutation);

    public static readonly Operation<string> Enable = One("enable_person", "POST /admin/people/{person_id}/enable", "Let a person sign in again", AdminFlow.Mutation);

    private static readonly Rejection TooMany = new Rejection(
        Codes.ValidationFailed, $"There are {Limits.People} people already.", [new("", "max_items", $"There are {Limits.People} people already.")]).AtMost("people", Limits.People);

    public void Map(Routes routes) => routes.Map(Put, PutPerson).Map(Get, ReadPerson).Map(List, ListPeople).Map(Issue, IssueCode)
        .Map(SignOut, (call, id) => Send(call, id, new PersonCommand.SignOutEverywhere())).Map(Disable, (call, id) => Send(call, id, new PersonCommand.Disable())).Map(Enable, (call, id) => Send(call, id, new PersonCommand.Enable()));

    private static Operation<string> One(string name, string route, string summary, IReadOnlyList<string> codes) => new(Audience.Operators, name, route, summary)
    {
        Least = Role.Admin,
        Read = static call => call.Id("person_id"),
        Data = typeof(PersonData),
        Codes = [Codes.NotFound, .. codes.Where(static code => code != Codes.NotFound)],
        DataExample = PersonData.Example,
    };

    private async Task<Reply> PutPerson(OperatorCall call, PersonRequest put)
    {
        var there = await tables.In(call.Tenant).First(PersonTables.People, [], [], Limits.People, call.Cancel);
        return there.Count >= Limits.People && !there.Any(row => row.Text("person_id") == put.PersonId) ? Reply.Refused(TooMany) : await Send(call, put.PersonId, new PersonCommand.Put(put.Role, put.Owner));
    }

    private async Task<Reply> ReadPerson(OperatorCall call, string personId)
    {
        if (await tables.In(call.Tenant).One(PersonTables.People, call.Cancel, TableReader.Is("person_id", personId)) is null)
        {
            return Reply.Refused(PersonRejection.NotFound);
        }

        var answer = await Person(call, personId).Send(new PersonCommand.Get(), call.Fresh());
        return answer.Reply is PersonView view ? Reply.Ok(PersonData.Of(call.Tenant, view)) : Reply.Refused(answer.Rejection!);
    }

    private async Task<Reply> ListPeople(OperatorCall call, Page page)
    {
        var (rows, total) = await tables.In(call.Tenant).Page(PersonTables.People, page, [new("person_id")], call.Cancel);
        return Reply.Ok(new PeopleData([.. rows.Select(row => PersonData.Of(call.Tenant, row))], total.Number, total.Unknown(call.Words), page.Offset, page.Limit));
    }

    private Task<Reply> IssueCode(OperatorCall call, string personId)
    {
        var code = Desk.People.NewCode();
        return call.Send<PersonCommand, PersonView>(Person(call, personId), new PersonCommand.IssueCode(Desk.People.HashOf(code)), (view, replayed) => Task.FromResult(
            Reply.Created(new IssuedCodeData(personId, PersonName.Of(call.Tenant, personId), replayed ? null : code, $"{call.Origin}/console/password", view.CodeUntil!.Value))));
    }

    private Task<Reply> Send(OperatorCall call, string personId, PersonCommand command) =>
        call.Send<PersonCommand, PersonView>(Person(call, personId), command, view => PersonData.Of(call.Tenant, view));

    private EntityRef<PersonCommand> Person(OperatorCall call, string personId) => entities.In(call.Tenant).Person(personId);
}

internal sealed record PersonRequest(string PersonId, string Role, string? Owner)
{
    public static PersonRequest Read(Call call)
    {
        var (id, body) = (call.Id("person_id"), call.Body);
        var role = body.OneOf("role", "What the person may.", [.. Roles.All.Select(static role => role.Name)], required: true);
        var owner = body.Id("owner", "Whose campaigns, agents or spending it sees: of a sponsor, a principal or a user, and of nobody else.", required: false);
        body.Rule(static schema => schema["oneOf"] = JsonNode.Parse("""[{"required":["owner"],"properties":{"owner":{},"role":{"enum":["sponsor","principal","user"]}}},{"not":{"required":["owner"],"properties":{"owner":{}}},"properties":{"role":{"enum":["viewer","operator","admin"]}}}]"""));
        if (role is not null && Roles.Owners.HasFlag(Roles.Parse(role)) != owner is not null)
        {
            body.Violate("owner", owner is null ? "required" : "not", owner is null ? $"Who has the role {role} sees what is its owner's: say whose." : $"Who has the role {role} sees all of the tenant, and has no owner.");
        }

        return new(id, role ?? "", owner);
    }
}

/// <param name="SignInName">What the person types to sign in.</param>
/// <param name="CodeUntil">A code waits to be used until then; null: none does.</param>
internal sealed record PersonData(string PersonId, string SignInName, string Role, string? Owner, bool Disabled, bool HasPassword, bool HasSecondFactor, DateTimeOffset? CodeUntil, DateTimeOffset UpdatedAt)
{
    public const string Example = """{"person_id":"ann","sign_in_name":"ann","role":"operator","owner":null,"disabled":false,"has_password":true,"has_second_factor":true,"code_until":null,"updated_at":"2030-01-01T00:00:00.000000Z"}""";

    public static PersonData Of(Tenant tenant, PersonView view) =>
        new(view.PersonId, PersonName.Of(tenant, view.PersonId), view.Role, view.Owner, view.Disabled, view.HasPassword, view.HasSecondFactor, view.CodeUntil, view.UpdatedAt);

    public static PersonData Of(Tenant tenant, NamedRow row) => new(
        row.Text("person_id"),
        PersonName.Of(tenant, row.Text("person_id")),
        row.Text("role"),
        row.OptionalText("owner"),
        row.Number("disabled") != 0,
        row.Number("has_password") != 0,
        row.Number("has_second_factor") != 0,
        row.OptionalTime("code_until"),
        row.Time("updated_at"));
}

internal sealed record PeopleData(IReadOnlyList<PersonData> People, long? TotalCount, string? TotalCountUnknown, int Offset, int Limit);

/// <param name="OneTimeCode">Null in a replay.</param>
/// <param name="ChooseAt">The page on which the password is chosen.</param>
internal sealed record IssuedCodeData(string PersonId, string SignInName, string? OneTimeCode, string ChooseAt, DateTimeOffset Until);
