using System.Text;
using Agora.ScriptedModels.Makers;

namespace Agora.ScriptedModels;

/// <summary>Answers, and how they fail.</summary>
internal sealed partial class Exchange
{
    /// <summary>Where a model talks, at once or event by event.</summary>
    private async Task Talk(IMaker maker, Asked asked, Reply reply, Fault? fault)
    {
        if (fault is Fault.Status or Fault.Redirect || (fault is Fault.ErrorEvent && !asked.Stream))
        {
            Refuse(asked, fault);
            return;
        }

        var delivery = reply.Delivery ?? _script.Delivery;
        if (fault is Fault.SlowDrip drip)
        {
            delivery = delivery with { Pieces = new Pieces(0, drip.Bytes, drip.Bytes, drip.Pause) };
        }

        var said = Said.Plan(IdOf(asked), asked, reply, delivery, fault);
        var meter = asked.Stream ? new Meter(said) : Meter.OfAll(said);
        var progress = new Progress(said.Input);
        try
        {
            if (await EndsBeforeHeaders(fault)) return;
            if (asked.Stream)
            {
                await Stream(maker, said, meter, fault, progress);
            }
            else
            {
                var told = said.Usage != UsageFault.Missing && UsageJson.IsRight(said.Usage);
                await Whole(Encoding.UTF8.GetBytes(maker.Whole(said, meter.Now)), "application/json", fault, delivery.Pieces, progress, meter.Now, told ? meter.Now : null);
            }
        }
        finally
        {
            Remember(asked, said.Id, progress);
        }
    }

    /// <summary>Everything else: a body at once, of another kind at most.</summary>
    private async Task Tell(Asked asked, Reply reply, Fault? fault, Route route)
    {
        if (fault is Fault.Status or Fault.Redirect or Fault.ErrorEvent)
        {
            Refuse(asked, fault);
            return;
        }

        var answer = Others.Answer(asked, reply, _script, route, fault is Fault.Usage usage ? usage.How : UsageFault.None);
        var progress = new Progress(answer.Counts with { OutputAudio = 0 });
        try
        {
            if (await EndsBeforeHeaders(fault)) return;

            var pieces = fault is Fault.SlowDrip drip ? new Pieces(0, drip.Bytes, drip.Bytes, drip.Pause) : (reply.Delivery ?? _script.Delivery).Pieces;
            await Whole(answer.Body, answer.Type, fault, pieces, progress, answer.Counts, answer.Tells ? answer.Counts : null);
        }
        finally
        {
            if (asked.Endpoint is Endpoint.Embeddings or Endpoint.Speech)
            {
                Remember(asked, "", progress);
            }
        }
    }

    private void Refuse(Asked asked, Fault fault)
    {
        switch (fault)
        {
            case Fault.Status status:
                Error(asked.Maker, status.Code, status.Message, retryAfterSeconds: status.RetryAfterSeconds);
                break;
            case Fault.Redirect redirect:
                http.Response.Headers.Location = redirect.To.ToString();
                http.Response.StatusCode = redirect.Code;
                break;
            default:
                Error(asked.Maker, 500, null);
                break;
        }
    }

    private async Task<bool> EndsBeforeHeaders(Fault? fault)
    {
        switch (fault)
        {
            case Fault.Refuse:
                _ = Task.Run(provider.Refuse); // It waits until this request is over.
                await new BodyPipe(http, pieces: null, limit: null).Reset();
                return true;
            case Fault.CloseBeforeStatus:
                await new BodyPipe(http, pieces: null, limit: null).Close();
                return true;
            case Fault.HangBeforeHeaders:
                await Hang();
                return true;
            default:
                return false;
        }
    }

    private string IdOf(Asked asked) => asked.Endpoint switch
    {
        Endpoint.Chat => "chatcmpl-",
        Endpoint.Responses => "resp_",
        Endpoint.Messages => "msg_",
        _ => "",
    } + $"{provider.Tag}{_number:D10}";

    private void Remember(Asked asked, string id, Progress progress) => provider.Ledger.Add(
        new Truth(_number, asked.Maker, asked.Endpoint, asked.Key, asked.Model, id, progress.Written, progress.IsComplete, progress.Told == progress.Written), _script.Keep);

    private sealed class Progress(Counts written)
    {
        public Counts Written { get; set; } = written;

        public Counts? Told { get; set; }

        public bool IsComplete { get; set; }
    }
}
