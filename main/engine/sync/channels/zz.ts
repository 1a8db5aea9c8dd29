import { connectCluster, pinKindContext } from '../../cluster/index.ts';
import { connectDocker } from '../../docker/index.ts';
import { channelOpeners } from './index.ts'; import { runningContainer } from './testing.ts';
import { randomBytes } from 'node:crypto'; import { sha256 } from './sources.ts'; import { writeFileSync, mkdirSync, rmSync } from 'node:fs'; import { execSync } from 'node:child_process';
const cluster = connectCluster(await pinKindContext('ptah-test')); const docker = connectDocker();
const mk=(path:string,b:Buffer,src?:string)=>({op:'file' as const,path,mode:0o644,size:b.length,hash:sha256(b),owner:null,source: src?{file:src}:{bytes:b}});
const dir='/tmp/chan-bench'; mkdirSync(dir,{recursive:true});
const many:any[]=[]; for(let i=0;i<5000;i++){const b=randomBytes(4096);const n=`${dir}/${i}`;writeFileSync(n,b);many.push(mk(`/srv/bench/d${i%50}/f${i}`,b,n));}
const big=randomBytes(200*1024*1024); writeFileSync(dir+'/big',big); const bigOp=mk('/srv/big',big,dir+'/big');
for (const pod of ['py','bb']) { const a=await runningContainer(cluster,'sync-channels-dev',pod);
 for (const kind of ['node','stream','tar'] as const) {
  let t=performance.now(); const ch=await channelOpeners({docker,cluster})[kind](a,{targets:['/srv'],signal:new AbortController().signal}); const opening=performance.now()-t;
  const l:number[]=[]; const n=kind==='tar'?40:200; for(let i=0;i<n;i++){const op=mk('/srv/app/main.py',randomBytes(1024)); t=performance.now(); const r=await ch.apply([op]); l.push(performance.now()-t); if(r.failed.length) console.log(r);} l.sort((x,y)=>x-y);
  t=performance.now(); let r=await ch.apply(many); const bulk=performance.now()-t; if(r.failed.length) console.log(r.failed.slice(0,3));
  t=performance.now(); const tree=await ch.read(many.map(m=>m.path)); const rd=performance.now()-t; const eq=many.every(m=>(tree.get(m.path) as any)?.hash===m.hash);
  t=performance.now(); r=await ch.apply([bigOp]); const bg=performance.now()-t; if(r.failed.length) console.log(r.failed);
  t=performance.now(); const tb=await ch.read(['/srv/big']); const rb=performance.now()-t;
  console.log(pod,kind,'open',opening|0,'1KB p50',l[l.length>>1].toFixed(1),'p95',l[Math.floor(l.length*.95)].toFixed(1),'max',l.at(-1)!.toFixed(1),'5000:',bulk|0,'read',rd|0,eq,'200MB',bg|0,'hash',rb|0,(tb.get('/srv/big') as any).hash===bigOp.hash);
  await ch.run(['sh','-c','rm -rf /srv/bench /srv/big']); await ch.close(); }
}
for(let i=0;i<3;i++){const t=performance.now(); execSync(`docker exec -i ptah-test-control-plane sh -c 'cat > /var/tmp/big' < ${dir}/big`); console.log('docker exec cat',(performance.now()-t)|0);} execSync('docker exec ptah-test-control-plane rm /var/tmp/big'); rmSync(dir,{recursive:true}); process.exit();
