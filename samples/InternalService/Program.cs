using System.Diagnostics;
using Agora.Client;
using Agora.Contracts;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// A trusted service of our own: it sends commands to entities itself, typed, without HTTP. It knows where the cluster is, and has a name
// and a key that stand in the silos' AGORA_SERVICE_KEYS; what it may do is said there.
if (args is not (["top-up", _, _] or ["deposit", _, _] or ["suspend", _, _, _]))
{
    Console.Error.WriteLine("Usage: InternalService top-up CAMPAIGN CENTS | deposit WALLET CENTS | suspend USER AGENT REASON; AGORA_POSTGRES, SERVICE_NAME and SERVICE_KEY say where and as whom.");
    return 2;
}

var builder = Host.CreateApplicationBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
var name = Setting("SERVICE_NAME");
builder.AddAgoraClient(new()
{
    Postgres = Setting("AGORA_POSTGRES"),
    Caller = Caller.OfService(name, Setting("SERVICE_KEY")),
    Tls = builder.Configuration["AGORA_CLUSTER_TLS_CERT"] is { } certificate ? new(certificate, Setting("AGORA_CLUSTER_TLS_KEY"), Setting("AGORA_CLUSTER_TLS_CA")) : null,
});
using var host = builder.Build();
await host.StartAsync();
var entities = host.Services.GetRequiredService<IEntities>();

// Under its id a command happens once, however often it is sent; the actor is kept with what it decides.
var context = new CommandContext(Guid.CreateVersion7(), Actor: $"service:{name}");
if (args is ["deposit", var walletId, var amount])
{
    // A wallet's commands name their replies, so the compiler knows that this is a WalletView.
    var deposited = await entities.In(Tenant.Default).Wallet(walletId).Ask(new WalletCommand.Deposit(Micros(amount)), context);
    await host.StopAsync();
    Console.WriteLine(deposited.Reply is { } wallet ? $"{wallet.WalletId} has {Money.FormatCents(wallet.BalanceMicros)} cents" : $"{deposited.Rejection!.Code}: {deposited.Rejection.Message}");
    return deposited.Reply is null ? 1 : 0;
}

var answer = args is ["top-up", var campaign, var cents]
    ? await entities.In(Tenant.Default).Campaign(campaign).Send(new CampaignCommand.Fund(Micros(cents)), context)
    : await entities.In(Tenant.Default).User(args[1]).Send(new UserCommand.Suspend(args[2], args[3]), context);
await host.StopAsync();
Console.WriteLine(answer.Rejection is { } rejection ? $"{rejection.Code}: {rejection.Message}" : answer.Reply);
return answer.Rejection is null ? 0 : 1;

string Setting(string key) => builder.Configuration[key] is { Length: > 0 } value ? value : Refuse<string>($"{key} is not set.");

static long Micros(string cents) => Money.TryParseCents(cents, out var micros) ? micros : Refuse<long>($"'{cents}' is no amount in cents.");

static T Refuse<T>(string why)
{
    Console.Error.WriteLine(why);
    Environment.Exit(2);
    throw new UnreachableException();
}
