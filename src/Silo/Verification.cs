using System.Diagnostics.Metrics;
using Agora.Api.Admin.Checks;
using Agora.Core.Kernel;
using Agora.Hosting;
using Agora.Journal;
using Agora.Proof.Checkpoints;
using Agora.Proof.Keys;

namespace Agora.Silo;

/// <summary>
/// Verifies the whole journal again and again beside what is served, as <c>verify-journal</c> does: each row against its predecessor, each checkpoint against its rows. It reads
/// <c>AGORA_VERIFY_ROWS_PER_SECOND</c> at most, and begins once in <see cref="Limits.VerifiedAgain"/> at most. Each process does so for itself.
/// <para>A place that is found broken is logged, the first <see cref="Limits.BrokenPlacesLogged"/> of a round, and counted until a later round has gone through and found less.</para>
/// </summary>
internal sealed class Verification : BackgroundWork, ICheckup
{
    private readonly IJournal _journal;
    private readonly SigningKeys _keys;
    private readonly int _rowsPerSecond;
    private readonly TimeProvider _time;
    private readonly ILogger<Verification> _log;
    private long _lastBroken;
    private long _nowBroken;
    private long _endedAt;
    private volatile bool _wasThrough;

    public Verification(IJournal journal, SigningKeys keys, AgoraSettings settings, TimeProvider time, ILogger<Verification> log)
    {
        (_journal, _keys, _rowsPerSecond, _time, _log) = (journal, keys, settings.VerifyRowsPerSecond, time, log);
        _endedAt = time.GetTimestamp();
        if (_rowsPerSecond == 0) return;

        Meter.CreateObservableGauge("agora.verification.broken", () => Broken, "{place}", "Rows, checkpoints and keys that are not as they were written");
        Meter.CreateObservableGauge("agora.verification.round.age", () => _time.GetElapsedTime(Volatile.Read(ref _endedAt)).TotalSeconds, "s", "Since the journal was last verified from end to end; since the start, before the first time");
    }

    public string Name => "verification";

    private long Broken => Math.Max(Volatile.Read(ref _lastBroken), Volatile.Read(ref _nowBroken));

    public Meter Meter { get; } = new("Agora.Verification");

    /// <summary>One round through all that there is.</summary>
    /// <returns>How many places are broken.</returns>
    public async Task<long> Once(CancellationToken cancel)
    {
        // What a round found that was cut off counts on.
        Volatile.Write(ref _lastBroken, Math.Max(_lastBroken, _nowBroken));
        Volatile.Write(ref _nowBroken, 0);
        var pace = new Pace(_rowsPerSecond, _time);
        await Verifier.Verify(_journal, place => Found($"stream {place.Stream}, seq {place.Seq}: {place.What}"), cancel, pace);
        foreach (var doubt in await _keys.Doubts(cancel)) Found(doubt);
        await new CheckpointVerifier(_journal, await _keys.Public(cancel), Found, pace, _keys.Public).Verify(copy: null, cancel);
        var broken = Volatile.Read(ref _nowBroken);
        Volatile.Write(ref _lastBroken, broken);
        Volatile.Write(ref _endedAt, _time.GetTimestamp());
        _wasThrough = true;
        return broken;
    }

    public Task<Checked> Look(CancellationToken cancel) => Task.FromResult(
        _rowsPerSecond == 0 ? new Checked(Name, CheckState.Off, "The journal is not verified beside what is served: AGORA_VERIFY_ROWS_PER_SECOND is 0.")
        : Broken is > 0 and var broken ? new(Name, CheckState.Unwell, $"{broken} rows, checkpoints or keys are not as they were written.", "Keep a backup; the log names the places. Go by AgoraVerificationFailed in docs/runbooks.md.")
        : new(Name, CheckState.Well, _wasThrough ? $"The journal is as it was written, as of {(long)_time.GetElapsedTime(Volatile.Read(ref _endedAt)).TotalMinutes} minutes ago." : "The first round through the journal goes on, and has found nothing so far."));

    public override void Dispose()
    {
        Meter.Dispose();
        base.Dispose();
    }

    protected override TimeProvider Time => _time;

    protected override ILogger Log => _log;

    protected override async Task Work(CancellationToken stoppingToken)
    {
        if (_rowsPerSecond == 0) return;

        using var timer = new PeriodicTimer(Limits.VerifiedAgain, _time);
        do
        {
            try
            {
                await Once(stoppingToken);
            }
            catch (JournalCorruptException e)
            {
                Found(e.Message);
            }
            catch (Exception e) when (!(e is OperationCanceledException && stoppingToken.IsCancellationRequested))
            {
                _log.NotVerified(e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void Found(string what)
    {
        var places = Interlocked.Increment(ref _nowBroken);
        if (places <= Limits.BrokenPlacesLogged)
        {
            _log.Broken(what);
        }
    }
}

internal static partial class VerificationLog
{
    [LoggerMessage(EventId = 35, Level = LogLevel.Error, Message = "The journal is not as it was written: {What}")]
    public static partial void Broken(this ILogger log, string what);

    [LoggerMessage(EventId = 36, Level = LogLevel.Warning, Message = "The journal was not verified to its end; the next round begins anew")]
    public static partial void NotVerified(this ILogger log, Exception failure);
}
