using System.Buffers;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Models;
using Agora.Providers;

namespace Agora.Application.Models;

/// <summary>Sound, which is passed on as it comes. What it costs follows from what was sent, so whatever becomes of it that is posted.</summary>
internal sealed partial class ModelCalls
{
    private const int SoundChunk = 16 * 1024;

    private async Task Spoken(IModelClient client, Calling caller, ProviderSound sound)
    {
        var last = new ArrayBufferWriter<byte>(SoundChunk); // the last of it leaves when what it cost is durable
        var cut = await Pass(caller, sound, client, last);
        await End(caller, Ended(caller, new(null, null, [], new(Input: caller.Hold.InputTokens), Finish.Stop), isCounted: true, cut));
        if (cut is null)
        {
            await client.Sound(TypeOf(caller), last.WrittenMemory);
            return;
        }

        ProviderFailed(log, caller.Hold.Service.ServiceId, caller.RunId, cut.Kind, CallStanding.Known);
        await client.CutSound(DialectFaults.Of(cut));
    }

    private static string TypeOf(Calling caller) => SpeechFormats.MediaTypeOf(((SpeechRequest)caller.Asked).SoundFormat);

    /// <param name="last">What is not passed on yet.</param>
    /// <returns>Why it is not whole; null: it is.</returns>
    private async Task<ProviderFault?> Pass(Calling caller, ProviderSound sound, IModelClient client, ArrayBufferWriter<byte> last)
    {
        var chunk = new byte[SoundChunk];
        using var clock = new CancellationTokenSource(Limits.ModelCallAtMost - time.GetElapsedTime(caller.Started), time);
        try
        {
            while (await sound.Read(chunk, clock.Token) is var read and > 0)
            {
                Heard(caller, isMeasured: true);
                if (last.WrittenCount > 0)
                {
                    await client.Sound(TypeOf(caller), last.WrittenMemory);
                }

                last.ResetWrittenCount();
                last.Write(chunk.AsSpan(0, read));
            }
        }
        catch (OperationCanceledException)
        {
            return TooLong;
        }

        return sound.Cut;
    }
}
