using System.Text.Json;
using Agora.Application.Operations;

namespace Agora.Web;

/// <summary>A request as it would be if what it leaves out of its body had been said as it is: for the reader of the operation that takes it whole.</summary>
internal sealed class MergedCall : Call
{
    private readonly Call _call;

    public MergedCall(Call call, JsonElement body)
    {
        _call = call;
        Body = new(body, "", Findings);
    }

    public override Findings Findings { get; } = new();

    public override Fields Body { get; }

    public override QueryFields Query => _call.Query;

    public override string Id(string name) => _call.Id(name);

    public override string? EndpointRefusal(string endpoint) => _call.EndpointRefusal(endpoint);

    public override string? CommandRefusal(string command) => _call.CommandRefusal(command);
}
