using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Application.Catalogue;
using Agora.Application.Operations;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Agora.Api.Desk;

/// <summary>An operators' route, as told to whoever shows it to people.</summary>
/// <param name="Path">With its ids in braces, <c>/admin/users/{user_id}</c>.</param>
/// <param name="Parameters">JSON Schema of each parameter of its query, by name.</param>
/// <param name="Body">JSON Schema of its body; null: it has none.</param>
/// <param name="IsList">Its data are a page of a list.</param>
/// <param name="IsQuestion">It has a body and changes nothing.</param>
/// <param name="TakesReason">It hears <see cref="OperatorDesk.ReasonHeader"/>, for its body has no place for a reason.</param>
/// <param name="GivesSecret">Its reply has a key or a link that is told once.</param>
/// <param name="ShowsAnswer">Its reply is what it is sent for, and stands nowhere else.</param>
/// <param name="OfInstallation">It is of the default tenant alone.</param>
/// <param name="ListsOwn">Whoever owns something is shown that, and names nothing.</param>
public sealed record OperatorRoute(
    string Name, string Method, string Path, string Summary, Role Least, Role Owners, IReadOnlyDictionary<string, JsonObject> Parameters, JsonObject? Body, bool IsList, bool IsQuestion, bool TakesReason, bool GivesSecret, bool ShowsAnswer, bool OfInstallation, bool ListsOwn)
{
    public IReadOnlyList<string> Segments { get; } = Path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    public bool IsRead => Method == HttpMethods.Get;

    /// <summary>Whether somebody is ever let in.</summary>
    public bool IsFor(DeskOperator who) => (who.Roles.Include(Least) || (who.Roles & Owners) != Role.None) && (!OfInstallation || who.Tenant == Core.Kernel.Tenant.Default.Name);

    /// <summary>Whether somebody is let in for what this asks about: whoever owns something names in lists what it owns.</summary>
    public bool IsFor(DeskOperator who, string query) => IsFor(who) && (!IsList || ListsOwn || who.Roles.Include(Least) || Ownership.IsNamed(who.Roles & Owners, query));
}

/// <summary>What is asked of a route.</summary>
/// <param name="Ids">What fills the placeholders of its path.</param>
/// <param name="Query">With its question mark; empty: none.</param>
/// <param name="Body">Null: none.</param>
/// <param name="Key">The Idempotency-Key; null: none.</param>
/// <param name="Reason">Why, for routes whose body has no place for it; null: nothing is said.</param>
public sealed record DeskRequest(OperatorRoute Route, IReadOnlyList<(string Name, string Value)> Ids, string Query = "", JsonObject? Body = null, string? Key = null, string? Reason = null);

/// <summary>What a route answered.</summary>
/// <param name="Envelope">As HTTP has it.</param>
public sealed record DeskReply(int Status, JsonElement Envelope)
{
    internal static DeskReply Of(Reply reply, ParentRequest parent, OperationTable operations) =>
        new(reply.Status, Surrogates.Paired(ReplyJson.Json(reply, new(parent.Id, IsDetailed: false, HasTemplates: false, IsProblem: false, IsPlain: false, parent.Words, operations))));

    public bool IsRefusal => Status >= StatusCodes.Status400BadRequest;

    public JsonElement Data => Envelope.GetProperty("data");

    public JsonElement Error => Envelope.GetProperty("error");

    /// <summary>The names of members whose values others wrote: the last name of each place in <c>untrusted_fields</c>.</summary>
    public IReadOnlyCollection<string> ForeignMembers => Envelope.TryGetProperty("untrusted_fields", out var places)
        ? [.. places.EnumerateArray().Select(static place => place.GetString()!.Split('.')[^1].Replace("[]", "", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal)]
        : [];

    /// <summary>What can be done next, the best first; none: nothing is offered.</summary>
    public IEnumerable<JsonElement> NextActions => Envelope.TryGetProperty("next_actions", out var actions) ? actions.EnumerateArray() : [];

    /// <summary>What a refusal says beside its sentence: facts by their names, or a list of what is wrong where; null: nothing.</summary>
    public JsonElement? Details => Error.TryGetProperty("details", out var details) && (details.ValueKind == JsonValueKind.Object || (details.ValueKind == JsonValueKind.Array && details.GetArrayLength() > 0)) ? details : null;
}

/// <summary>
/// Operators' routes, called within this process for somebody who has signed in at a browser: by the very route that HTTP has, so roles, ownership, refusals, idempotency and the record of acts are
/// that route's, and are told nowhere else.
/// </summary>
public sealed class OperatorDesk
{
    /// <summary>By which a route is told why.</summary>
    public const string ReasonHeader = Reasons.Header;

    /// <summary>Of whoever has signed in.</summary>
    public const string Cookie = DeskSignIns.Cookie;

    private readonly InnerCalls _calls;
    private readonly DeskSignIns _signIns;
    private readonly People _people;
    private readonly OperationTable _operations;
    private readonly Lazy<IReadOnlyList<OperatorRoute>> _routes;

    internal OperatorDesk(InnerCalls calls, DeskSignIns signIns, People people, OperationTable operations)
    {
        (_calls, _signIns, _people, _operations) = (calls, signIns, people, operations);
        _routes = new(() => [.. operations.All.Where(static operation => operation.Audience == Audience.Operators).Select(Told)]);
    }

    /// <summary>All there are, once routes are mapped, in the order in which they are published.</summary>
    public IReadOnlyList<OperatorRoute> Routes => _routes.Value;

    /// <summary>Signs in whom a key, or an issuer's token, names.</summary>
    /// <returns>The cookie's value; or why not, in words for people.</returns>
    public Task<(string? Cookie, string? Refused)> SignIn(HttpContext http, string presented) => _signIns.Open(http, presented);

    /// <summary>Signs in the user whom a link names. Null: the link opens nothing, or nothing any more.</summary>
    public ValueTask<string?> Enter(string link) => _signIns.Enter(link);

    /// <summary>Signs in whoever has a password.</summary>
    /// <param name="code">Of the second factor; empty: none is given.</param>
    /// <returns>The cookie's value; or why not.</returns>
    public async Task<(string? Cookie, SignInRefusal? Refused)> SignIn(HttpContext http, string name, string password, string code)
    {
        var (cookie, refused) = await _signIns.Open(http, name, password, code);
        return (cookie, refused is null ? null : SignInRefusal.Of(refused));
    }

    /// <summary>Chooses a password with a code that an operator gave.</summary>
    /// <returns>Why not; null: it is chosen.</returns>
    public async Task<string?> ChoosePassword(HttpContext http, string name, string code, string password) => Why(await _people.Choose(http, name, code, password));

    /// <summary>Every browser is signed out, this one too.</summary>
    /// <returns>Why not; null: it is another one.</returns>
    public async Task<string?> ChangePassword(HttpContext http, DeskPerson who, string former, string password) => Why(await _people.ChangePassword(http, who, former, password));

    /// <summary>Every browser is signed out, this one too.</summary>
    /// <param name="formerCode">Of the app that there is; empty: there is none.</param>
    /// <param name="secret">One of <see cref="NewFactor"/>.</param>
    /// <param name="code">What the new app shows of it.</param>
    /// <returns>Why not; null: from now on a code is asked for.</returns>
    public async Task<string?> SetFactor(HttpContext http, DeskPerson who, string password, string formerCode, string secret, string code) => Why(await _people.SetFactor(http, who, password, formerCode, secret, code));

    /// <summary>Ends the sign-in of this browser at the server: a copy of its cookie is refused from now on.</summary>
    public Task SignOut(HttpRequest request) => _signIns.End(request);

    /// <summary>Every browser is signed out, this one too.</summary>
    public async Task<string?> SignOutEverywhere(DeskOperator who)
    {
        if (who.Person is { } person) return Why(await _people.SignOutEverywhere(person));

        await _signIns.EndAll(who);
        return null;
    }

    /// <summary>Makes the first account of the default tenant, which may all.</summary>
    /// <returns>The code with which its password is chosen, for a day.</returns>
    public Task<string> FirstAccount(string name) => _people.First(Tenant.Default, name);

    /// <summary>A secret for an app that shows codes, in base32.</summary>
    public static string NewFactor() => Totp.Text(RandomNumberGenerator.GetBytes(Totp.SecretBytes));

    /// <summary>Whether a text is such a secret.</summary>
    public static bool IsFactor(string text) => Totp.Read(text) is not null;

    /// <summary>Who has signed in at this browser; null: nobody, or not any more.</summary>
    public async ValueTask<DeskOperator?> Who(HttpRequest request)
    {
        var who = await _signIns.Read(request);
        if (who is not null)
        {
            RequestOwners.Set(request.HttpContext, new(who.Tenant, who.Name));
        }

        return who;
    }

    public async Task<DeskReply> Send(HttpContext page, DeskOperator who, DeskRequest wanted, CancellationToken cancel)
    {
        var parent = ParentRequest.Of(new ReceivedRequest(page));
        return DeskReply.Of(await _calls.Send(Inner(parent, who, wanted, accept: null, cancel)), parent, _operations);
    }

    /// <summary>Whether a route would read it: by the rules by which routes read bodies.</summary>
    public static bool IsJson(string text)
    {
        using var read = StrictJson.Parse(Encoding.UTF8.GetBytes(text), new());
        return read is not null;
    }

    /// <summary>What is wrong with a JSON Schema, by the rules by which routes take one, a sentence each; and the schema, where nothing is.</summary>
    public static (IReadOnlyList<string> Faults, JsonElement? Schema) LookAtSchema(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            if (root.ValueKind is not (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False))
            {
                return (["A JSON Schema is an object or a boolean."], null);
            }

            var findings = new Findings();
            using var strict = StrictJson.Parse(Encoding.UTF8.GetBytes(text), findings);
            if (strict is null) return ([findings.Malformed!.Message], null);

            var faults = SchemaCache.Check(root, "").Select(static fault => $"{fault.Path} {fault.Message}".Trim()).ToList();
            return faults.Count > 0 ? (faults, null) : ([], root.Clone());
        }
        catch (JsonException e)
        {
            return ([$"Not JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})."], null);
        }
    }

    /// <summary>The whole of a list as CSV, sent as it is read.</summary>
    public Task SendCsv(HttpContext page, DeskOperator who, DeskRequest wanted) => _calls.Pass(page, Inner(ParentRequest.Of(new ReceivedRequest(page)), who, wanted, MediaTypes.Csv, page.RequestAborted));

    private static string? Why(Rejection? refused) => refused is null ? null : refused.Details is [var detail, ..] ? detail.Message : refused.Message;

    private InnerRequest Inner(ParentRequest parent, DeskOperator who, DeskRequest wanted, string? accept, CancellationToken cancel) => new(
        parent, _operations.Named(wanted.Route.Name)!, null, wanted.Ids, wanted.Body is { } given ? Encoding.UTF8.GetBytes(given.ToJsonString()) : [])
    {
        Parameters = QueryHelpers.ParseQuery(wanted.Query), Key = wanted.Key, SignedIn = who.Actor, Reason = wanted.Reason, Accept = accept, Cancel = cancel,
    };

    private static OperatorRoute Told(Operation operation) => new(
        operation.Name,
        operation.Method,
        operation.Route,
        operation.Summary,
        operation.Least,
        operation.Owners,
        operation.Sheet.Parameters.All.ToDictionary(static member => member.Name, static member => member.Schema(), StringComparer.Ordinal),
        operation.BodySchema(),
        operation.IsList,
        operation.IsQuestion,
        Reasons.AreHeard(operation),
        operation.GivesSecret,
        operation.ShowsAnswer,
        operation.OfInstallation,
        operation.ListsOwn);
}
