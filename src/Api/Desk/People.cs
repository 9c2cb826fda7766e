using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Agora.Application.Calls;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.People;
using Agora.Crypto;
using Agora.Grains.Clocks;
using Agora.Web;
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
internal sealed partial class People(IEntities entities, TableReader tables, TenantTimes times, Passwords passwords, WrongPasswords wrong, SignedInBefore before, WrongKeys wrongKeys, TimeProvider time, ILogger<People> log)
{
    private const string Kind = "person's";
    private static readonly Rejection Unknown = new(Codes.Unauthorized, "The name, the password or the code of the second factor is wrong.");
    private static readonly Rejection NoSecret = Findings.Invalid("/secret", "pattern", "It is no secret of this page. Open the page again.");
    private static readonly Rejection WrongFactor = Findings.Invalid("/code", "pattern", "The app's code is not of this secret: type the one that it shows now.");

    private readonly Believed<PersonView> _believed = new(times, time);

    /// <param name="code">Of the second factor; empty: none is given.</param>
    public async Task<(Tenant? Tenant, PersonView? View, Rejection? Refused)> SignIn(HttpContext http, string name, string password, string code)
    {
        if (PersonName.Parse(name) is not { } named) return (null, null, await wrongKeys.Refuse(new ReceivedRequest(http), Kind, Unknown));

        var tenant = await Find(named, http.RequestAborted);
        var (secrets, refused) = await Prove(http, named, tenant, password, code);
        if (secrets is null) return (null, null, refused);

        SignedIn(log, PersonName.Of(tenant!, named.Id), http.Connection.RemoteIpAddress);
        return (tenant, secrets.View, null);
    }

    /// <summary>The password is chosen with a code that an operator gave; every browser is signed out, and a second factor is gone. A wrong code is not hashed for: whoever has none learns nothing by the time. Of 160 bits it is guessed by nobody, so tries for a name keep nobody waiting.</summary>
    public async Task<Rejection?> Choose(HttpContext http, string name, string code, string password)
    {
        if (PersonName.Parse(name) is not { } named) return await wrongKeys.Refuse(new ReceivedRequest(http), Kind, PersonRejection.WrongCode);
        if (Passwords.Refusal(password, named.Id) is { } weak) return weak;

        var tenant = await Find(named, http.RequestAborted);
        var hash = HashOf(code);
        var secrets = tenant is null ? null : (await Send(tenant, named.Id, new PersonCommand.GetSecrets())).Reply as PersonSecrets;
        if (secrets?.CodeHash is not { } waiting || !FixedTime.AreEqual(waiting, hash))
        {
            return await wrongKeys.Refuse(new ReceivedRequest(http), Kind, PersonRejection.WrongCode);
        }

        var (kept, busy) = await passwords.Keep(http, password);
        return busy ?? (await Send(tenant!, named.Id, new PersonCommand.UseCode(hash, Personal.Of(kept!)))).Rejection;
    }

    /// <summary>Every browser is signed out, this one too.</summary>
    public async Task<Rejection?> ChangePassword(HttpContext http, DeskPerson who, string former, string password)
    {
        if (Passwords.Refusal(password, who.Id) is { } weak) return weak;

        var (secrets, refused) = await Prove(http, new(who.Of, who.Id), who.Of, former, null);
        if (secrets is null) return refused;

        var (kept, busy) = await passwords.Keep(http, password);
        return busy ?? (await Send(who.Of, who.Id, new PersonCommand.SetPassword(Personal.Of(kept!), secrets.View.Generation))).Rejection;
    }

    /// <summary>Every browser is signed out, this one too.</summary>
    /// <param name="formerCode">Of the app that there is; empty: there is none.</param>
    /// <param name="secret">As the page showed it, in base32.</param>
    /// <param name="code">What the new app shows of it.</param>
    public async Task<Rejection?> SetFactor(HttpContext http, DeskPerson who, string password, string formerCode, string secret, string code)
    {
        if (Totp.Read(secret) is not { } bytes) return NoSecret;
        if (Totp.StepOf(code, bytes, time.GetUtcNow()) is not { } step) return WrongFactor;

        var (secrets, refused) = await Prove(http, new(who.Of, who.Id), who.Of, password, formerCode);
        return secrets is null ? refused
            : (await Send(who.Of, who.Id, new PersonCommand.SetSecondFactor(Personal.Of(secret), step, secrets.View.Generation))).Rejection;
    }

    public async Task<Rejection?> SignOutEverywhere(DeskPerson who) => (await Send(who.Of, who.Id, new PersonCommand.SignOutEverywhere())).Rejection;

    /// <summary>The person, if a sign-in of this generation counts still; believed for <see cref="Limits.PersonBelieved"/>.</summary>
    public async ValueTask<PersonView?> Standing(string tenantName, string id, long generation)
    {
        var standing = await _believed.Of(tenantName, id, generation, static view => view.Generation, async tenant => (await Send(tenant, id, new PersonCommand.Get())).Reply as PersonView);
        return standing is { Disabled: false } ? standing : null;
    }

    /// <summary>As a person's stream knows a code.</summary>
    public static string HashOf(string code) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(code)));

    // Names of strangers wake nobody: they are looked up in the table. Null: there is none.
    private async Task<Tenant?> Find(PersonName named, CancellationToken cancel) =>
        await times.Current(named.Tenant) is { } tenant && await tables.In(tenant).One(PersonTables.People, cancel, TableReader.Is("person_id", named.Id)) is not null ? tenant : null;

    /// <summary>Whether somebody knows the password: at a browser that was left open, too.</summary>
    /// <param name="tenant">Null: there is no such person, and that is not told.</param>
    /// <param name="code">Of the second factor; null: it is not asked for.</param>
    private async Task<(PersonSecrets? Secrets, Rejection? Refused)> Prove(HttpContext http, PersonName named, Tenant? tenant, string password, string? code)
    {
        var address = http.Connection.RemoteIpAddress;
        if (wrong.Begin(named, address) is { } tooMany) return (null, await wrongKeys.Refuse(new ReceivedRequest(http), Kind, tooMany));

        var secrets = tenant is null ? null : (await Send(tenant, named.Id, new PersonCommand.GetSecrets())).Reply as PersonSecrets;
        var known = before.Of(named, address);
        var (right, busy) = await passwords.Compare(http, known, password, secrets?.Password?.Read<string>());
        if (busy is not null)
        {
            wrong.NotLookedAt(named, address);
            return (null, known == Acquaintance.Address ? busy : await wrongKeys.Refuse(new ReceivedRequest(http), Kind, busy));
        }

        if (!right || secrets!.View.Disabled) return (null, await wrongKeys.Refuse(new ReceivedRequest(http), Kind, Unknown));
        if (code is not null && await FactorRefused(tenant!, secrets, code) is { } refused)
        {
            return (null, await wrongKeys.Refuse(new ReceivedRequest(http), Kind, refused));
        }

        wrong.Right(named, address);
        before.Keep(named, address);
        return (secrets, null);
    }

    /// <summary>Called only after a right password. Wrong codes are counted in the person's stream, so the count holds on all processes.</summary>
    private async Task<Rejection?> FactorRefused(Tenant tenant, PersonSecrets secrets, string code)
    {
        if (!secrets.View.HasSecondFactor) return null;
        if (secrets.SecondFactorFailures >= Limits.SecondFactorFailures) return PersonRejection.SecondFactorLocked;
        if (secrets.SecondFactor?.Read<string>() is not { } kept || Totp.Read(kept) is not { } secret)
        {
            return Unknown; // the key that sealed it is gone: an operator has to issue a code
        }

        if (code.Length == 0) return Unknown; // the form was sent without one: no guess
        if (Totp.StepOf(code, secret, time.GetUtcNow(), secrets.SecondFactorStep) is { } step)
        {
            return (await Send(tenant, secrets.View.PersonId, new PersonCommand.TakeSecondFactor(step))).Rejection is null ? null : Unknown;
        }

        ApiMetrics.WrongSecondFactor();
        await Send(tenant, secrets.View.PersonId, new PersonCommand.MissSecondFactor());
        if ((await Send(tenant, secrets.View.PersonId, new PersonCommand.GetSecrets())).Reply is PersonSecrets { SecondFactorFailures: >= Limits.SecondFactorFailures })
        {
            ApiMetrics.LockedSecondFactor();
            SecondFactorLocked(log, PersonName.Of(tenant, secrets.View.PersonId));
            return PersonRejection.SecondFactorLocked;
        }

        return Unknown;
    }

    /// <summary>A code with which a password is chosen: 160 bits.</summary>
    public static string NewCode() => $"apc_{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(20))}";

    /// <summary>A person who may all, and the code to choose the password with.</summary>
    public async Task<string> First(Tenant tenant, string id)
    {
        var code = NewCode();
        foreach (var command in (PersonCommand[])[new PersonCommand.Put(Role.Admin.Text(), Owner: null), new PersonCommand.IssueCode(HashOf(code))])
        {
            if ((await Send(tenant, id, command)).Rejection is { } refused)
            {
                throw new InvalidOperationException($"The first account was refused: {refused.Message}");
            }
        }

        return code;
    }

    private Task<Answer> Send(Tenant tenant, string id, PersonCommand command) =>
        entities.In(tenant).Person(id).Send(command, Commands.Fresh(times.Of(tenant)) with { Actor = $"operator:{DeskPerson.NameOf(id)}" });

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "{Person}: the second factor is locked after too many wrong codes in a row; an operator issues a code")]
    private static partial void SecondFactorLocked(ILogger log, string person);

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "{Person} signed in from {Address}")]
    private static partial void SignedIn(ILogger log, string person, System.Net.IPAddress? address);
}
