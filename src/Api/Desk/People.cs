using System.Security.Cryptography;
using System.Text;
using Agora.Api.Http;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.People;
using Agora.Grains.Clocks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Agora.Api.Desk;

/// <summary>A person of a tenant, as it signs in: by its id, in any but the default tenant with <c>{tenant}~</c> before it.</summary>
internal sealed record PersonName(Tenant Tenant, string Id)
{
    public static string Of(Tenant tenant, string personId) => TenantMark.Of(tenant) + personId;

    /// <returns>Null: it can be nobody's.</returns>
    public static PersonName? Parse(string text)
    {
        if (text.Length > Limits.TenantLength + 1 + Limits.IdLength) return null;

        var at = TenantMark.IdAt(text, 0);
        return TenantMark.Read(text.AsSpan()[..at]) is { } tenant && DisplayText.IsId(text.AsSpan()[at..]) ? new(tenant, text[at..]) : null;
    }
}

/// <summary>
/// People who sign in with a password and perhaps a second factor. What takes long, hashing, is done here and not in their streams' turns. Whoever is refused does not learn whether there is the name.
/// </summary>
internal sealed partial class People(IEntities entities, TableReader tables, TenantTimes times, Passwords passwords, WrongPasswords wrong, WrongKeys wrongKeys, TimeProvider time, ILogger<People> log)
{
    private static readonly Rejection Unknown = new(Codes.Unauthorized, "The name, the password or the code of the second factor is wrong.");
    private static readonly Rejection NoSecret = Findings.Invalid("/secret", "pattern", "It is no secret of this page. Open the page again.");
    private static readonly Rejection WrongFactor = Findings.Invalid("/code", "pattern", "The app's code is not of this secret: type the one that it shows now.");

    private readonly Remembered<(string Tenant, string Id), Believed> _seen = new(Limits.PeopleBelieved);

    /// <param name="code">Of the second factor; empty: none is given.</param>
    public async Task<(Tenant? Tenant, PersonView? View, Rejection? Refused)> SignIn(HttpContext http, string name, string password, string code)
    {
        if (wrong.Wait(name) is { } tooMany) return (null, null, tooMany);

        var (tenant, secrets) = await Find(name, http.RequestAborted);
        var (right, busy) = await passwords.Compare(password, secrets?.Password?.Read<string>(), http.RequestAborted);
        if (busy is not null) return (null, null, busy);
        if (right && !secrets!.View.Disabled && await HasFactor(tenant!, secrets, code))
        {
            wrong.Right(name);
            SignedIn(log, PersonName.Of(tenant!, secrets.View.PersonId), http.Connection.RemoteIpAddress);
            return (tenant, secrets.View, null);
        }

        return (null, null, await Wrong(http, name, Unknown));
    }

    /// <summary>The password is chosen with a code that an operator gave; every browser is signed out, and a second factor is gone.</summary>
    public async Task<Rejection?> Choose(HttpContext http, string name, string code, string password)
    {
        if (wrong.Wait(name) is { } tooMany) return tooMany;
        if (PersonName.Parse(name) is { } parsed && Passwords.Refusal(password, parsed.Id) is { } weak) return weak;

        var (tenant, secrets) = await Find(name, http.RequestAborted);
        if (secrets is not { View: { CodeUntil: not null } view }) return await Wrong(http, name, PersonRejection.WrongCode);

        var (kept, busy) = await passwords.Keep(password, http.RequestAborted);
        if (busy is not null) return busy;

        var refused = (await Send(tenant!, view.PersonId, new PersonCommand.UseCode(HashOf(code), Personal.Of(kept!)))).Rejection;
        if (refused is not null) return refused.Code == Codes.Unauthorized ? await Wrong(http, name, refused) : refused;

        wrong.Right(name);
        return null;
    }

    /// <summary>Every browser is signed out, this one too.</summary>
    public async Task<Rejection?> ChangePassword(HttpContext http, DeskPerson who, string former, string password)
    {
        var (view, refused) = await Prove(http, who, former);
        if (view is null) return refused;
        if (Passwords.Refusal(password, view.PersonId) is { } weak) return weak;

        var (kept, busy) = await passwords.Keep(password, http.RequestAborted);
        return busy ?? (await Send(who.Of, view.PersonId, new PersonCommand.SetPassword(Personal.Of(kept!), view.Generation))).Rejection;
    }

    /// <param name="secret">As the page showed it, in base32.</param>
    /// <param name="code">What the app shows of it.</param>
    public async Task<Rejection?> SetFactor(HttpContext http, DeskPerson who, string password, string secret, string code)
    {
        var (view, refused) = await Prove(http, who, password);
        if (view is null) return refused;
        if (Totp.Read(secret) is not { } bytes) return NoSecret;
        if (Totp.StepOf(code, bytes, time.GetUtcNow()) is not { } step) return WrongFactor;

        return (await Send(who.Of, view.PersonId, new PersonCommand.SetSecondFactor(Personal.Of(secret), step, view.Generation))).Rejection;
    }

    public async Task<Rejection?> SignOutEverywhere(DeskPerson who) => (await Send(who.Of, who.Id, new PersonCommand.SignOutEverywhere())).Rejection;

    /// <summary>The person, if a sign-in of this generation counts still; believed for <see cref="Limits.PersonBelieved"/>.</summary>
    public async ValueTask<PersonView?> Standing(string tenantName, string id, long generation)
    {
        if (_seen.Of((tenantName, id)) is not { } seen || time.GetElapsedTime(seen.ReadAt) >= Limits.PersonBelieved)
        {
            var readAt = time.GetTimestamp();
            var tenant = Tenant.Parse(tenantName) is { } named ? await times.Current(named) : null;
            var view = tenant is null ? null : (await Send(tenant, id, new PersonCommand.Get())).Reply as PersonView;
            seen = _seen.Keep((tenantName, id), new(view, readAt));
        }

        return seen.View is { Disabled: false } standing && standing.Generation == generation ? standing : null;
    }

    /// <summary>As a person's stream knows a code.</summary>
    public static string HashOf(string code) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(code)));

    // Names of strangers wake nobody: they are looked up in the table first.
    private async Task<(Tenant? Tenant, PersonSecrets? Secrets)> Find(string name, CancellationToken cancel)
    {
        if (PersonName.Parse(name) is not { } parsed || await times.Current(parsed.Tenant) is not { } tenant) return default;
        if (await tables.In(tenant).One(PersonTables.People, cancel, TableReader.Is("person_id", parsed.Id)) is null) return default;

        return (tenant, (await Send(tenant, parsed.Id, new PersonCommand.GetSecrets())).Reply as PersonSecrets);
    }

    /// <summary>Whoever sits at a browser that was left open does not know the password.</summary>
    private async Task<(PersonView? View, Rejection? Refused)> Prove(HttpContext http, DeskPerson who, string password)
    {
        var name = PersonName.Of(who.Of, who.Id);
        if (wrong.Wait(name) is { } tooMany) return (null, tooMany);

        var secrets = (await Send(who.Of, who.Id, new PersonCommand.GetSecrets())).Reply as PersonSecrets;
        var (right, busy) = await passwords.Compare(password, secrets?.Password?.Read<string>(), http.RequestAborted);
        return busy is not null ? (null, busy) : right ? (secrets!.View, null) : (null, await Wrong(http, name, Unknown));
    }

    private async Task<bool> HasFactor(Tenant tenant, PersonSecrets secrets, string code)
    {
        if (!secrets.View.HasSecondFactor) return true;
        if (secrets.SecondFactor?.Read<string>() is not { } kept || Totp.Read(kept) is not { } secret) return false; // the key that sealed it is gone: an operator gives a code
        if (Totp.StepOf(code, secret, time.GetUtcNow(), secrets.SecondFactorStep) is not { } step) return false;

        return (await Send(tenant, secrets.View.PersonId, new PersonCommand.TakeSecondFactor(step))).Rejection is null;
    }

    private async Task<Rejection> Wrong(HttpContext http, string name, Rejection refused)
    {
        wrong.Wrong(name);
        return await wrongKeys.Refuse(http, "person's", refused);
    }

    private Task<Answer> Send(Tenant tenant, string id, PersonCommand command) =>
        entities.In(tenant).Person(id).Send(command, IdempotencyKeys.Fresh(times.Of(tenant)) with { Actor = $"operator:{DeskPerson.NameOf(id)}" });

    private sealed record Believed(PersonView? View, long ReadAt);

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "{Person} signed in from {Address}")]
    private static partial void SignedIn(ILogger log, string person, System.Net.IPAddress? address);
}
