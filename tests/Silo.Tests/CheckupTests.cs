using Agora.Api.Admin.Checks;
using Agora.Core.Payments;
using Agora.Grains.Payments;
using Agora.Hosting;
using Agora.Testing;
using Microsoft.Extensions.Configuration;

namespace Agora.Silo.Tests;

/// <summary>What <c>agora doctor</c> is told of the facilitator and of the disk.</summary>
public sealed class CheckupTests
{
    private static readonly AgoraSettings Settings = Read(
        ("AGORA_DATA", "/tmp"), ("AGORA_X402_FACILITATOR", "https://pay.example"), ("AGORA_X402_PAY_TO", "0x0000000000000000000000000000000000000001"), ("AGORA_X402_NETWORK", "eip155:84532"));

    private readonly SimTimeProvider _time = new();

    [Theory]
    [InlineData(true, CheckState.Well, "answers, and settles on eip155:84532", null)]
    [InlineData(false, CheckState.Unwell, "does not settle on eip155:84532", "AGORA_X402_NETWORK")]
    [InlineData(null, CheckState.Unwell, "does not say what it supports", "AGORA_X402_FACILITATOR_KEY")]
    public async Task A_facilitator_is_well_where_it_settles_on_our_network_and_else_the_mend_is_said(bool? supports, CheckState state, string says, string? mend)
    {
        var facilitator = new Facilitator { Supports = supports };

        var found = await Checkup(facilitator).Look(CancellationToken.None);

        Assert.Equal(("facilitator", state), (found.Name, found.State));
        Assert.Contains(says, found.Says, StringComparison.Ordinal);
        Assert.StartsWith("https://pay.example", found.Says, StringComparison.Ordinal);
        Assert.Equal(mend is null, found.Mend is null);
        Assert.Contains(mend ?? "", found.Mend ?? "", StringComparison.Ordinal);
        Assert.Equal([("eip155:84532", 2)], facilitator.Asked);
    }

    [Fact]
    public async Task A_facilitator_is_asked_again_after_half_a_minute_and_not_before()
    {
        var facilitator = new Facilitator { Supports = true };
        var checkup = Checkup(facilitator);

        await checkup.Look(CancellationToken.None);
        facilitator.Supports = false;
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(CheckState.Well, (await checkup.Look(CancellationToken.None)).State);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(CheckState.Unwell, (await checkup.Look(CancellationToken.None)).State);

        Assert.Equal(2, facilitator.Asked.Count);
    }

    [Fact]
    public async Task Who_leaves_waits_no_longer_for_a_facilitator_that_hangs_and_the_next_one_asks_nothing_anew()
    {
        var facilitator = new Facilitator { Hangs = true };
        var checkup = Checkup(facilitator);
        using var leaving = new CancellationTokenSource();

        var left = checkup.Look(leaving.Token);
        _time.Advance(TimeSpan.FromMinutes(5));
        var next = checkup.Look(leaving.Token);
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        Assert.Single(facilitator.Asked);
    }

    [Fact]
    public async Task Where_payments_by_x402_are_not_taken_the_facilitator_is_off_and_nobody_is_asked()
    {
        var found = await new FacilitatorCheckup(null, null, _time).Look(CancellationToken.None);

        Assert.Equal((CheckState.Off, null), (found.State, found.Mend));
    }

    [Theory]
    [InlineData(1L << 30, CheckState.Well, "1 GiB are free in /tmp.")]
    [InlineData((1L << 30) - 1, CheckState.Unwell, "1023 MiB are free in /tmp.")]
    [InlineData(0, CheckState.Unwell, "0 MiB are free in /tmp.")]
    public async Task A_disk_is_unwell_below_a_gibibyte(long free, CheckState state, string says)
    {
        var found = await new DiskCheckup(new(Settings), path => path == "/tmp" ? free : throw new InvalidOperationException(path)).Look(CancellationToken.None);

        Assert.Equal(("disk", state, says, state == CheckState.Well), (found.Name, found.State, found.Says, found.Mend is null));
    }

    [Fact]
    public async Task Free_room_is_what_the_system_says() => Assert.EndsWith("are free in /tmp.", (await new DiskCheckup(new(Settings)).Look(CancellationToken.None)).Says, StringComparison.Ordinal);

    [Fact]
    public async Task A_data_directory_that_was_never_created_is_off()
    {
        var found = await new DiskCheckup(new(Read(("AGORA_DATA", "/nowhere/agora")))).Look(CancellationToken.None);

        Assert.Equal(("disk", CheckState.Off, "There is no data directory /nowhere/agora: nothing is kept on a disk here."), (found.Name, found.State, found.Says));
    }

    private FacilitatorCheckup Checkup(IFacilitator facilitator) => new(Settings.X402, facilitator, _time);

    private static AgoraSettings Read(params (string Name, string Value)[] settings) =>
        AgoraSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value))).Build());

    private sealed class Facilitator : IFacilitator
    {
        public bool? Supports { get; set; }

        public bool Hangs { get; init; }

        public List<(string Network, int Version)> Asked { get; } = [];

        public Task<VerifyOutcome> Verify(FacilitatorCall call) => throw new NotSupportedException();

        public Task<SettleOutcome> Settle(FacilitatorCall call, bool attemptedBefore) => throw new NotSupportedException();

        Task<bool?> IFacilitator.Supports(string network, int version)
        {
            Asked.Add((network, version));
            return Hangs ? new TaskCompletionSource<bool?>().Task : Task.FromResult(Supports);
        }
    }
}
