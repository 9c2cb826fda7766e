using System.Globalization;
using System.Security.Cryptography;
using Agora.Api.Admin.Search;
using Agora.Api.Hosts;
using Agora.Application.Catalogue;
using Agora.Application.Reading;
using Agora.Core;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;

namespace Agora.Benchmarks;

/// <summary>What operators search for among many payments: each way to find one, another one each time.</summary>
internal sealed class Searches(IJournal journal, TenantTables own, int rows) : IDisposable
{
    private const int MostKeys = 100_000, KeysAtOnce = 1_000, Campaigns = 1_000, PrefixLength = 13;
    private static readonly string Keyed = Tenant.Default.Session("keyed").ToString();

    private readonly PersonalKeys _personal = new(journal, new byte[32], RandomNumberGenerator.Fill, TimeProvider.System);
    private readonly ServiceCatalogue _catalogue = Catalogue();

    private int Keys => Math.Min(rows, MostKeys);

    public IEnumerable<(string What, Func<int, Task> Ask)> All =>
    [
        ("by the id of a run", n => Find(PaymentRows.RunId(n))), ("by the first characters of one", n => Find(PaymentRows.RunId(n)[..PrefixLength])), ("by an Idempotency-Key", n => Find(Key(n % Keys))),
        ("by an amount", n => Find(Cents(n))), ("by a rare amount", n => Find(Cents((n / PaymentRows.Rare * PaymentRows.Rare) + PaymentRows.Rare - 1))),
        ("by a transaction's hash", n => Find(PaymentRows.Transaction((n / PaymentRows.Rare * PaymentRows.Rare) + 7)!)), ("by a name", n => Find($"Survey {n % Campaigns}")),
        ("for what nothing has", n => Find($"nothing-{n}", finds: false)),
    ];

    /// <summary>Each began the run of its number.</summary>
    public async Task Fill()
    {
        var head = StreamHead.Empty;
        for (var n = 0; n < Keys; n += KeysAtOnce)
        {
            var row = RowCodec.Next(Keyed, head, [new(Guid.Empty, 1, default, [new("session.run_settled", 1, new byte[] { 0x7b, 0x7d })])]);
            var keys = Enumerable.Range(n, Math.Min(KeysAtOnce, Keys - n))
                .Select(i => new ClientKey(StreamId.DefaultTenant, "agent-1", Key(i), Keyed, Guid.ParseExact(PaymentRows.RunId(i), "D"), new byte[32], long.MaxValue)).ToList();
            await journal.Append([new StreamAppend(Keyed, head, row, 1, [], keys, null)], false, default);
            head = new(row.Seq, row.Hash);
        }
    }

    public void Dispose() => _personal.Dispose();

    private async Task Find(string text, bool finds = true)
    {
        var keyed = new KeyedSearch(new JournalReader(journal, _personal));
        var found = await new Finder(own, _catalogue, key => keyed.Find(Tenant.Default, own, key, default), text, default).Find();
        if (found.Count > 0 != finds)
        {
            throw new InvalidOperationException($"A search for {text} found {found.Count}.");
        }
    }

    private static ServiceCatalogue Catalogue()
    {
        var catalogue = new ServiceCatalogue();
        for (var n = 0; n < Campaigns; n++)
        {
            var definition = new CampaignDefinition("Acme", null, new($"Survey {n}", "survey", "Three questions", "{}", [], []), [new("service-1", 300_000)], [], 2, null, null, null, null, null, true);
            var state = CampaignState.Initial(Tenant.Default.Campaign($"campaign-{n}")).Put(definition, PaymentRows.At(0));
            catalogue.Put(state.View(state.Definition!));
        }

        return catalogue;
    }

    private static string Key(int n) => string.Create(CultureInfo.InvariantCulture, $"order-{n}");

    private static string Cents(int n) => (PaymentRows.Amount(n) / (decimal)Money.MicrosPerCent).ToString("0.####", CultureInfo.InvariantCulture);
}
