using Agora.Contracts;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Upstreams;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Clients;

/// <summary>
/// An operator of upstreams: puts them, changes their terms, pauses and deletes them, looks at what they offer and approves it, now and then by the hash of something else; and what each process does
/// for upstreams: they are woken again and again. Beside it the vendors of the tools, who change them.
/// </summary>
public sealed class UpstreamClient(Tenant tenant) : Caller(tenant, new Random(unchecked((tenant.Cluster.Options.Seed * 103) + 59 + (1_000_003 * tenant.Number))))
{
    private const string Credential = "hub";
    private readonly List<string> _hashes = ["3q2-7wAAAAAAAAAAAAAAAA"];

    public async Task SetUp()
    {
        foreach (var upstream in ToolVendor.Upstreams)
        {
            await Until(() => Put(upstream, New(), new()));
        }
    }

    public async Task Wake()
    {
        while (true)
        {
            foreach (var upstream in ToolVendor.Upstreams)
            {
                await Cluster.Outside.Wake(Stream(Kinds.Upstream, upstream), Cluster.NewId());
            }

            await Task.Delay(Limits.WokenEvery, Cluster.Time);
        }
    }

    /// <summary>Vendors have none of the processes' troubles.</summary>
    public async Task Vend()
    {
        while (await GoesOn(10 * Cluster.Options.Think))
        {
            Tenant.Vendor.Change();
        }
    }

    public async Task Live()
    {
        while (await GoesOn(5 * Cluster.Options.Think))
        {
            await Act(Any(ToolVendor.Upstreams));
        }
    }

    private Task Act(string upstream) => Random.Next(100) switch
    {
        < 50 => Approve(upstream),
        < 70 => Refresh(upstream),
        < 95 => Edit(upstream),
        _ => Delete(upstream),
    };

    private async Task Approve(string upstream)
    {
        var looked = await Ask(Of(upstream), new UpstreamCommand.GetTools(), NewSending(), $"A look at the tools of {upstream}", static _ => null);
        foreach (var tool in (looked?.Reply as UpstreamTools)?.Tools.Where(tool => tool.Offered is not null && (!tool.IsCurrent || Random.Next(6) == 0)) ?? [])
        {
            var hash = Random.Next(4) == 0 ? Any(_hashes) : tool.Offered!.Hash;
            _hashes.Add(tool.Offered!.Hash);
            var answer = await Change<UpstreamEvent.ToolApproved, UpstreamCommand>(Of(upstream), new UpstreamCommand.Approve(tool.ServiceId, hash), Credential, $"Approving {tool.ServiceId}");
            Cluster.Findings.Expect(answer?.Reply is not UpstreamTool approved || approved.Approved?.Hash == hash, $"{tool.ServiceId} was approved as {hash}, and the answer says {answer}.");
        }
    }

    private Task<Answer?> Refresh(string upstream)
    {
        var sending = Random.Next(2) == 0 ? NewSending() : NewKeyed(Credential);
        return Ask(Of(upstream), new UpstreamCommand.Refresh(), sending, $"Refreshing {upstream}", given => IsReply<UpstreamView>(given)
            ? history => history.Count<UpstreamEvent.Refreshed>(Stream(Kinds.Upstream, upstream), (e, _) => e.CommandId == sending.CommandId)
            : null);
    }

    /// <summary>With the tag of what was read, as a PATCH, or over whatever is there; one that is not there is put anew.</summary>
    private async Task Edit(string upstream)
    {
        var read = await Ask(Of(upstream), new UpstreamCommand.Get(), NewSending(), $"Reading {upstream}", static _ => null);
        if (read is null) return;

        if (read.Reply is not UpstreamView { Definition: var definition } view)
        {
            await Put(upstream, New(), new(new Precondition(NoneMatch: [Precondition.Any])));
            return;
        }

        var tool = Any(ToolVendor.ServiceIds.Where(id => id.StartsWith(upstream, StringComparison.Ordinal)).ToList());
        var changed = Random.Next(4) switch
        {
            0 => definition with { PriceMicros = Price() },
            1 => definition with { Tools = [new(tool, Price(), null, Inactive: Random.Next(3) == 0)] },
            2 when definition.Active => definition with { Active = Random.Next(3) > 0, TimeoutMs = Random.Next(1_000, 20_000) },
            _ => definition with { Active = true, Tools = null },
        };
        await Put(upstream, changed, new(Random.Next(2) == 0 ? Precondition.IsStill(view.Etag) : null));
    }

    private async Task Delete(string upstream)
    {
        await Change<UpstreamEvent.Deleted, UpstreamCommand>(Of(upstream), new UpstreamCommand.Delete(), Credential, $"Deleting {upstream}");
        await Pause(4 * Cluster.Options.Think);
        await Put(upstream, New(), new());
    }

    private Task<Answer?> Put(string upstream, UpstreamDefinition definition, Replacing replacing) => Change<UpstreamEvent.DefinitionPut, UpstreamCommand>(
        Of(upstream), new UpstreamCommand.Put(definition, definition.AuthHeader is null ? null : Personal.Of("Bearer s3cret"), replacing), Credential, $"Putting {upstream}");

    private UpstreamDefinition New() => new(
        ["https://tools.example/mcp"], null, null, Random.Next(2) == 0 ? "Authorization" : null, Catalogue.Category, Price(), $"provider-{Random.Next(1, 3)}", null, Random.Next(1_000, 20_000), Active: true);

    private long Price() => Random.Next(6) == 0 ? 0 : Random.Next(1, 8) * 10_000;

    private EntityRef<UpstreamCommand> Of(string upstream) => Entities.Of<UpstreamCommand>(Stream(Kinds.Upstream, upstream));
}
