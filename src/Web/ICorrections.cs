using Agora.Application.Operations;
using Agora.Core.Kernel;

namespace Agora.Web;

/// <summary>Adds to a refusal the next action that corrects it.</summary>
internal interface ICorrections
{
    Reply Put(Reply reply, RequestCall call, Tenant tenant, Operation operation);
}
