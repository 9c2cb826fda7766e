using System.Security.Cryptography;
using System.Text;
using Agora.Application.Calls;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.SignIns;
using Agora.Grains.Clocks;

namespace Agora.Api.Desk;

/// <summary>
/// Ends sign-ins of browsers at the server, so a copied cookie opens nothing afterwards, on any process of a cluster and after a restart. What was read of a name is cached for <see cref="Limits.PersonBelieved"/>.
/// </summary>
internal sealed class SignIns(IEntities entities, TenantTimes times, TimeProvider time)
{
    private readonly Believed<SignInsView> _believed = new(times, time);

    /// <summary>The generation of a sign-in that begins now.</summary>
    public async Task<long> Generation(string tenantName, string name) => (await Read(Live(tenantName), IdOf(tenantName, name)))!.Generation;

    /// <summary>Whether the sign-in has not been signed out.</summary>
    public async ValueTask<bool> Stands(string tenantName, string name, long generation, string signInId)
    {
        var id = IdOf(tenantName, name);
        return await _believed.Of(Live(tenantName).Name, id, generation, static view => view.Generation, tenant => Read(tenant, id)) is { } view
            && !view.Ended.Any(one => one.SignInId == signInId);
    }

    public Task End(string tenantName, string name, string signInId, DateTimeOffset until) => Change(tenantName, name, new SignInCommand.End(signInId, until));

    public Task EndAll(string tenantName, string name) => Change(tenantName, name, new SignInCommand.EndAll());

    private async Task Change(string tenantName, string name, SignInCommand command)
    {
        var (tenant, id) = (Live(tenantName), IdOf(tenantName, name));
        if ((await Send(tenant, id, command)).Rejection is { } refused)
        {
            throw new InvalidOperationException($"A sign-out was refused: {refused.Message}");
        }

        _believed.Forget(tenant.Name, id);
    }

    private async Task<SignInsView?> Read(Tenant tenant, string id) => (SignInsView)(await Send(tenant, id, new SignInCommand.Get())).Reply!;

    private Task<Answer> Send(Tenant tenant, string id, SignInCommand command) => entities.In(tenant).SignIn(id).Send(command, Commands.Fresh(times.Of(tenant)));

    /// <summary>Sign-ins use the real clock and outlive a reset of a test tenant, so they are stored with the live tenant.</summary>
    private static Tenant Live(string tenantName) => Tenant.Parse(Tenant.Parse(tenantName)!.Live)!;

    /// <summary>A hash, because a name can have characters that an id cannot.</summary>
    private static string IdOf(string tenantName, string name) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{tenantName}\n{name}")));
}
